import {
  all,
  type CharSet,
  charsOf,
  escapedSet,
  foldedCase,
  intersection,
  lineEnds,
  negated,
  none,
  posixSet,
  propertySet,
  setOf,
  union,
  wordChars,
} from "./char-set.ts";

/** A part of a pattern. */
export type Node =
  | { readonly is: "set"; readonly set: CharSet }
  | { readonly is: "sequence" | "choice"; readonly nodes: readonly Node[] }
  | { readonly is: "repeat"; readonly node: Node; readonly min: number; readonly max: number; readonly greedy: boolean }
  | { readonly is: "capture"; readonly node: Node; readonly index: number }
  | Edge
  | { readonly is: "look"; readonly node: Node; readonly negative: boolean };

/** Between two characters: the one before or after is in the set, or there is none and `orNone` is true. */
export interface Edge {
  readonly is: "edge";
  readonly side: "before" | "after";
  readonly set: CharSet;
  readonly orNone: boolean;
}

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

/** Why a pattern cannot be used, in words that follow no capital letter. */
export class RegexError extends Error {
  /** Where in the pattern, in UTF-16 units. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.name = "RegexError";
    this.position = position;
  }
}

/** Deeper groups are no pattern that a person wrote. */
const deepest = 200;
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

const empty: Node = { is: "sequence", nodes: [] };
const edge = (side: Edge["side"], set: CharSet, orNone: boolean): Node => ({ is: "edge", side, set, orNone });
const sequence = (...nodes: readonly Node[]): Node => ({ is: "sequence", nodes });
const choice = (...nodes: readonly Node[]): Node => ({ is: "choice", nodes });

const notWord = negated(wordChars);
const wordEdge = choice(
  sequence(edge("before", wordChars, false), edge("after", notWord, true)),
  sequence(edge("before", notWord, true), edge("after", wordChars, false)),
);
const noWordEdge = choice(
  sequence(edge("before", wordChars, false), edge("after", wordChars, false)),
  sequence(edge("before", notWord, true), edge("after", notWord, true)),
);
const textStart = edge("before", none, true);
const textEnd = edge("after", none, true);

/** Escapes for one place between characters. */
const places: Readonly<Record<string, Node>> = {
  b: wordEdge,
  B: noWordEdge,
  A: textStart,
  z: textEnd,
  // Before a last line end, too.
  Z: choice(textEnd, { is: "look", negative: false, node: sequence({ is: "set", set: charsOf("\n") }, textEnd) }),
};

const controls: Readonly<Record<string, string>> = {
  t: "\t",
  n: "\n",
  r: "\r",
  f: "\f",
  v: "\v",
  a: "\x07",
  e: "\x1b",
  0: "\0",
};

class Parser {
  readonly groups: (string | undefined)[] = [];
  readonly #source: string;
  #at = 0;
  #depth = 0;
  #flags: Flags;

  constructor(source: string, { ignoreCase = false, dotAll = false, multiline = false }: RegexOptions) {
    this.#source = source;
    this.#flags = { ignoreCase, dotAll, multiline };
  }

  pattern(): Node {
    const node = this.#choice();
    if (this.#at < this.#source.length) throw this.#error("this `)` closes no group; write `\\)` for the character");
    return node;
  }

  #error(message: string, position = this.#at): RegexError {
    return new RegexError(message, position);
  }

  #takes(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** Takes what the sticky expression matches here. */
  #match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#source) ?? undefined;
    this.#at += found?.[0].length ?? 0;
    return found;
  }

  #choice(): Node {
    const flags = this.#flags;
    const nodes = [this.#sequence()];
    while (this.#takes("|")) nodes.push(this.#sequence());
    // An inline flag is for the rest of its group, over all alternatives.
    this.#flags = flags;
    return nodes.length === 1 ? nodes[0]! : choice(...nodes);
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source[this.#at]!)) nodes.push(this.#repeated());
    return nodes.length === 1 ? nodes[0]! : sequence(...nodes);
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
    const at = this.#at;
    const found = this.#match(/(?:([*+?])|\{(\d*)(?:(,)(\d*))?\})([?+]?)/y);
    if (!found) return undefined;
    const [, sign, least = "", comma, most = "", mode] = found;
    const greedy = mode !== "?";
    if (sign) return { min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : Number.POSITIVE_INFINITY, greedy };
    if (least === "" && most === "") {
      this.#at = at;
      return undefined;
    }
    const min = Number(least);
    const max = comma ? (most === "" ? Number.POSITIVE_INFINITY : Number(most)) : min;
    if (max < min) throw this.#error(`"${found[0]}" has its numbers in the wrong order`, at);
    if (min > mostRepeats || (max > mostRepeats && max < Number.POSITIVE_INFINITY))
      throw this.#error(`"${found[0]}" has a number above ${mostRepeats}`, at);
    return { min, max, greedy };
  }

  #atom(): Node {
    const at = this.#at;
    const { dotAll, multiline } = this.#flags;
    if (this.#takes("(")) return this.#group(at);
    if (this.#takes("[")) return { is: "set", set: this.#class(at) };
    if (this.#takes(".")) return { is: "set", set: dotAll ? all : negated(lineEnds) };
    if (this.#takes("^")) return multiline ? edge("before", lineEnds, true) : textStart;
    if (this.#takes("$")) return multiline ? edge("after", lineEnds, true) : textEnd;
    if (this.#takes("\\")) return this.#escape(at);
    const found = this.#quantifier();
    if (found) throw this.#error("there is nothing to repeat; write a `\\` before it for the character", at);
    return this.#character(this.#next());
  }

  /** The next character of the pattern: one or two units. */
  #next(): string {
    const char = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    this.#at += char.length;
    return char;
  }

  #character(char: string): Node {
    return sequenceOf([...Array(char.length).keys()].map((at) => this.#set(charsOf(char[at]!))));
  }

  #set(set: CharSet): Node {
    return { is: "set", set: this.#flags.ignoreCase ? foldedCase(set) : set };
  }

  #group(start: number): Node {
    if (++this.#depth > deepest) throw this.#error(`groups are nested more than ${deepest} deep`, start);
    const node = this.#opened(start);
    this.#depth--;
    return node;
  }

  #opened(start: number): Node {
    if (!this.#takes("?")) return this.#captured(undefined, start);
    const name = this.#match(/P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)'/y);
    if (name) return this.#captured(name[1] ?? name[2], start);
    if (this.#takes(":") || this.#takes(">")) return this.#closed(start);
    if (this.#takes("#")) {
      const end = this.#source.indexOf(")", this.#at);
      if (end < 0) throw this.#error("this comment has no `)`", start);
      this.#at = end + 1;
      return empty;
    }
    const look = this.#match(/(<?)([=!])/y);
    if (look) return this.#look(look[1] === "<", look[2] === "!", start);
    const flags = this.#match(/([imsx]*)(?:-([imsx]+))?([:)])/y);
    if (!flags) throw this.#error(`"(?${this.#source[this.#at] ?? ""}" begins no group that weir knows`, start);
    return this.#flagged(flags, start);
  }

  #captured(name: string | undefined, start: number): Node {
    if (name !== undefined && this.groups.includes(name)) throw this.#error(`two groups are named "${name}"`, start);
    this.groups.push(name);
    const index = this.groups.length;
    return { is: "capture", index, node: this.#closed(start) };
  }

  #closed(start: number): Node {
    const node = this.#choice();
    if (!this.#takes(")")) throw this.#error("this `(` has no `)`; write `\\(` for the character", start);
    return node;
  }

  #flagged([text, on = "", off = "", end]: RegExpExecArray, start: number): Node {
    if (/x/.test(on)) throw this.#error("the flag x is not supported; write the pattern without white space", start);
    const next = { ...this.#flags };
    const names = { i: "ignoreCase", m: "multiline", s: "dotAll" } as const;
    for (const [flag, name] of Object.entries(names)) {
      if (on.includes(flag)) next[name] = true;
      if (off.includes(flag)) next[name] = false;
    }
    if (text === "" || (on === "" && off === "" && end === ")")) throw this.#error('"(?)" begins no group', start);
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
    if (isBehind) throw this.#error("a lookbehind can look at one character only", start);
    return { is: "look", node, negative };
  }

  #escape(start: number): Node {
    if (this.#at >= this.#source.length) throw this.#error("the pattern ends with a `\\`", start);
    const letter = this.#source[this.#at]!;
    if (/[1-9]/.test(letter))
      throw this.#error(`"\\${letter}" refers back to a group, which takes more than linear time`, start);
    if (letter === "k") throw this.#error('"\\k" refers back to a group, which takes more than linear time', start);
    const place = Object.hasOwn(places, letter) ? places[letter] : undefined;
    if (place) {
      this.#at++;
      return place;
    }
    if (this.#takes("R"))
      return choice(this.#character("\r\n"), { is: "set", set: union(lineEnds, charsOf("\v\f\u0085")) });
    const set = this.#escapedClass(start);
    return set ? this.#set(set) : this.#character(this.#escapedChar(start));
  }

  /** The set that an escape stands for, if it stands for more than one character. */
  #escapedClass(start: number): CharSet | undefined {
    const property = this.#match(/([pP])(?:\{(\^?)([A-Za-z_=0-9]+)\}|([A-Z]))/y);
    if (property) {
      const [, sign, not, name = property[4]!] = property;
      const set = propertySet(name) ?? posixSet(name.toLowerCase());
      if (!set) throw this.#error(`"${name}" is no property of characters`, start);
      return (sign === "P") !== (not === "^") ? negated(set) : set;
    }
    const set = escapedSet(this.#source[this.#at]!);
    if (set) this.#at++;
    return set;
  }

  #escapedChar(start: number): string {
    const code = this.#match(/x\{([0-9a-fA-F]{1,6})\}|u\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})/y);
    if (code) {
      const point = Number.parseInt(code.slice(1).find((digits) => digits !== undefined)!, 16);
      if (point > 0x10ffff) throw this.#error(`"\\${code[0]}" is no character`, start);
      return String.fromCodePoint(point);
    }
    const control = this.#match(/c([A-Za-z])/y);
    if (control) return String.fromCharCode(control[1]!.charCodeAt(0) % 32);
    const char = this.#next();
    if (Object.hasOwn(controls, char)) return controls[char]!;
    if (/[A-Za-z0-9]/.test(char)) throw this.#error(`"\\${char}" is no escape that weir knows`, start);
    return char;
  }

  /** A class after its `[`. */
  #class(start: number): CharSet {
    if (++this.#depth > deepest) throw this.#error(`classes are nested more than ${deepest} deep`, start);
    const not = this.#takes("^");
    let [set, left]: [CharSet, CharSet | undefined] = [none, undefined];
    const narrowed = () => (left ? intersection(left, set) : set);
    for (let isFirst = true; isFirst || !this.#takes("]"); isFirst = false) {
      if (this.#at >= this.#source.length)
        throw this.#error("this `[` has no `]`; write `\\[` for the character", start);
      if (this.#takes("&&")) [left, set] = [narrowed(), none];
      else set = union(set, this.#member());
    }
    this.#depth--;
    // The other case belongs to a class before it is negated.
    const whole = this.#flags.ignoreCase ? foldedCase(narrowed()) : narrowed();
    return not ? negated(whole) : whole;
  }

  #member(): CharSet {
    const start = this.#at;
    const posix = this.#match(/\[:(\^?)([a-z]+):\]/y);
    if (posix) {
      const set = posixSet(posix[2]!);
      if (!set) throw this.#error(`"${posix[0]}" is no class of characters`, start);
      return posix[1] ? negated(set) : set;
    }
    if (this.#takes("[")) return this.#class(start);
    const first = this.#classChar();
    if (typeof first !== "number") return first;
    if (!/^-[^\]]/.test(this.#source.slice(this.#at, this.#at + 2))) return [[first, first]];
    const dash = this.#at++;
    const end = this.#source[this.#at] === "[" ? none : this.#classChar();
    if (typeof end !== "number") {
      // As in JavaScript, the dash is a character beside a class.
      this.#at = dash + 1;
      return setOf([
        [first, first],
        [0x2d, 0x2d],
      ]);
    }
    if (end < first) throw this.#error(`the range "${this.#source.slice(start, this.#at)}" runs backwards`, start);
    return [[first, end]];
  }

  /** A single unit of a class, or the set that an escape stands for. */
  #classChar(): number | CharSet {
    const start = this.#at;
    let char: string;
    if (this.#takes("\\")) {
      if (this.#at >= this.#source.length) throw this.#error("the pattern ends with a `\\`", start);
      const set = this.#escapedClass(start);
      if (set) return set;
      char = this.#takes("b") ? "\b" : this.#escapedChar(start);
    } else char = this.#next();
    if (char.length > 1)
      throw this.#error(`"${char}" cannot be in a class; write it as an alternative: (?:…|${char})`, start);
    return char.charCodeAt(0);
  }
}

const sequenceOf = (nodes: readonly Node[]): Node => (nodes.length === 1 ? nodes[0]! : sequence(...nodes));

/** The set of a node that is exactly one character. */
const singleSet = (node: Node): CharSet | undefined => {
  if (node.is === "set") return node.set;
  if (node.is === "capture") return singleSet(node.node);
  if (node.is === "sequence") return node.nodes.length === 1 ? singleSet(node.nodes[0]!) : undefined;
  if (node.is !== "choice") return undefined;
  const sets = node.nodes.map(singleSet);
  return sets.every((set) => set !== undefined) ? union(...sets) : undefined;
};
