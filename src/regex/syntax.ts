import { readClass } from "./char-class.ts";
import { all, type CharSet, charsOf, foldedCase, lineEnds, negated, union } from "./char-set.ts";
import { Cursor } from "./cursor.ts";
import { readEscapedChar, readEscapedSet } from "./escape.ts";
import { choice, edge, empty, type Node, places, sequence, singleSet, textEnd, textStart } from "./node.ts";

export interface RegexOptions {
  readonly ignoreCase?: boolean | undefined;
  /** `.` is also the end of a line. */
  readonly dotAll?: boolean | undefined;
  /** `^` and `$` are also the start and end of a line. */
  readonly multiline?: boolean | undefined;
}

export interface Parsed {
  readonly node: Node;
  /** The names of the groups, from the first; undefined for one without a name. */
  readonly groups: readonly (string | undefined)[];
}

/** The most repetitions that a quantifier can name. */
const mostRepeats = 1_000;

/**
 * Reads a pattern in the syntax that JavaScript, Java, RE2 and Onigmo have in common, with Onigmo's POSIX classes, nested
 * classes and inline flags. Atomic groups and possessive quantifiers are read as plain ones: they only save time in an
 * engine that tries one way after the other. Throws a `RegexError`, also for what no automaton can do: references back.
 */
export const parseRegex = (source: string, options: RegexOptions = {}): Parsed => {
  const parser = new Parser(source, options);
  return { node: parser.pattern(), groups: parser.groups };
};

type Flags = Readonly<Record<keyof RegexOptions, boolean>>;

class Parser {
  readonly groups: (string | undefined)[] = [];
  readonly #cursor: Cursor;
  #flags: Flags;

  constructor(source: string, { ignoreCase = false, dotAll = false, multiline = false }: RegexOptions) {
    this.#cursor = new Cursor(source);
    this.#flags = { ignoreCase, dotAll, multiline };
  }

  pattern(): Node {
    const node = this.#choice();
    if (!this.#cursor.isAtEnd) throw this.#cursor.error("this `)` closes no group; write `\\)` for the character");
    return node;
  }

  #choice(): Node {
    const flags = this.#flags;
    const nodes = [this.#sequence()];
    while (this.#cursor.takes("|")) nodes.push(this.#sequence());
    // An inline flag is for the rest of its group, over all alternatives.
    this.#flags = flags;
    return choice(...nodes);
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    while (!this.#cursor.isAtEnd && !/[|)]/.test(this.#cursor.source[this.#cursor.at]!)) nodes.push(this.#repeated());
    return sequence(...nodes);
  }

  #repeated(): Node {
    let node = this.#atom();
    for (let times = this.#quantifier(); times; times = this.#quantifier()) {
      if (node.is === "edge") node = times.min === 0 ? choice(node, empty) : node;
      else node = { is: "repeat", node, ...times };
    }
    return node;
  }

  #quantifier(): { readonly min: number; readonly max: number; readonly greedy: boolean } | undefined {
    const at = this.#cursor.at;
    const found = this.#cursor.match(/(?:([*+?])|\{(\d*)(?:(,)(\d*))?\})([?+]?)/y);
    if (!found) return undefined;
    const [, sign, least = "", comma, most = "", mode] = found;
    const greedy = mode !== "?";
    if (sign) return { min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : Number.POSITIVE_INFINITY, greedy };
    if (least === "" && most === "") {
      this.#cursor.at = at;
      return undefined;
    }
    const min = Number(least);
    const max = comma ? (most === "" ? Number.POSITIVE_INFINITY : Number(most)) : min;
    if (max < min) throw this.#cursor.error(`"${found[0]}" has its numbers in the wrong order`, at);
    if (min > mostRepeats || (max > mostRepeats && max < Number.POSITIVE_INFINITY))
      throw this.#cursor.error(`"${found[0]}" has a number above ${mostRepeats}`, at);
    return { min, max, greedy };
  }

  #atom(): Node {
    const at = this.#cursor.at;
    const { dotAll, multiline } = this.#flags;
    if (this.#cursor.takes("(")) return this.#cursor.within("groups", at, () => this.#group(at));
    if (this.#cursor.takes("[")) return { is: "set", set: readClass(this.#cursor, at, this.#flags.ignoreCase) };
    if (this.#cursor.takes(".")) return { is: "set", set: dotAll ? all : negated(lineEnds) };
    if (this.#cursor.takes("^")) return multiline ? edge("before", lineEnds, true) : textStart;
    if (this.#cursor.takes("$")) return multiline ? edge("after", lineEnds, true) : textEnd;
    if (this.#cursor.takes("\\")) return this.#escape(at);
    const found = this.#quantifier();
    if (found) throw this.#cursor.error("there is nothing to repeat; write a `\\` before it for the character", at);
    return this.#character(this.#cursor.next());
  }

  #character(char: string): Node {
    return sequence(...char.split("").map((unit) => this.#set(charsOf(unit))));
  }

  #set(set: CharSet): Node {
    return { is: "set", set: this.#flags.ignoreCase ? foldedCase(set) : set };
  }

  #group(start: number): Node {
    if (!this.#cursor.takes("?")) return this.#captured(undefined, start);
    const name = this.#cursor.match(/P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)'/y);
    if (name) return this.#captured(name[1] ?? name[2], start);
    if (this.#cursor.takes(":") || this.#cursor.takes(">")) return this.#closed(start);
    if (this.#cursor.takes("#")) {
      const end = this.#cursor.source.indexOf(")", this.#cursor.at);
      if (end < 0) throw this.#cursor.error("this comment has no `)`", start);
      this.#cursor.at = end + 1;
      return empty;
    }
    const look = this.#cursor.match(/(<?)([=!])/y);
    if (look) return this.#look(look[1] === "<", look[2] === "!", start);
    const flags = this.#cursor.match(/([imsx]*)(?:-([imsx]+))?([:)])/y);
    if (!flags)
      throw this.#cursor.error(
        `"(?${this.#cursor.source[this.#cursor.at] ?? ""}" begins no group that weir knows`,
        start,
      );
    return this.#flagged(flags, start);
  }

  #captured(name: string | undefined, start: number): Node {
    if (name !== undefined && this.groups.includes(name))
      throw this.#cursor.error(`two groups are named "${name}"`, start);
    this.groups.push(name);
    const index = this.groups.length;
    return { is: "capture", index, node: this.#closed(start) };
  }

  #closed(start: number): Node {
    const node = this.#choice();
    if (!this.#cursor.takes(")")) throw this.#cursor.error("this `(` has no `)`; write `\\(` for the character", start);
    return node;
  }

  #flagged([text, on = "", off = "", end]: RegExpExecArray, start: number): Node {
    if (/x/.test(on))
      throw this.#cursor.error("the flag x is not supported; write the pattern without white space", start);
    const next = { ...this.#flags };
    const names = { i: "ignoreCase", m: "multiline", s: "dotAll" } as const;
    for (const [flag, name] of Object.entries(names)) {
      if (on.includes(flag)) next[name] = true;
      if (off.includes(flag)) next[name] = false;
    }
    if (text === "" || (on === "" && off === "" && end === ")"))
      throw this.#cursor.error('"(?)" begins no group', start);
    if (end === ")") {
      this.#flags = next;
      return empty;
    }
    const flags = this.#flags;
    this.#flags = next;
    const node = this.#closed(start);
    this.#flags = flags;
    return node;
  }

  #look(isBehind: boolean, negative: boolean, start: number): Node {
    const node = this.#closed(start);
    const set = singleSet(node);
    if (set) return edge(isBehind ? "before" : "after", negative ? negated(set) : set, negative);
    if (isBehind) throw this.#cursor.error("a lookbehind can look at one character only", start);
    return { is: "look", node, negative };
  }

  #escape(start: number): Node {
    if (this.#cursor.isAtEnd) throw this.#cursor.error("the pattern ends with a `\\`", start);
    const letter = this.#cursor.source[this.#cursor.at]!;
    if (/[1-9]/.test(letter))
      throw this.#cursor.error(`"\\${letter}" refers back to a group, which takes more than linear time`, start);
    if (letter === "k")
      throw this.#cursor.error('"\\k" refers back to a group, which takes more than linear time', start);
    const place = Object.hasOwn(places, letter) ? places[letter] : undefined;
    if (place) {
      this.#cursor.at++;
      return place;
    }
    if (this.#cursor.takes("R"))
      return choice(this.#character("\r\n"), { is: "set", set: union(lineEnds, charsOf("\v\f\u0085")) });
    const set = readEscapedSet(this.#cursor, start);
    return set ? this.#set(set) : this.#character(readEscapedChar(this.#cursor, start));
  }
}
