/** Why a pattern is not one that weir can use, and the way out. */
export class PatternError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

const deepest = 100;

/**
 * Turns a regular expression of Lucene into one of `LinearRegex` that matches the same whole texts: `^` and `$` are
 * ordinary characters, `"…"` is a literal text, `@` any text and `#` none, and a `?` after a repetition makes it optional.
 * Throws a `PatternError`, also for what weir does not support: complements, intersections and intervals of numbers.
 */
export const fromLucene = (source: string): string => new Translator(source).whole();

class Translator {
  readonly #source: string;
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): string {
    const pattern = this.#choice();
    if (this.#at < this.#source.length) throw this.#unsupported();
    return pattern;
  }

  #unsupported(): PatternError {
    const mark = this.#source[this.#at]!;
    if (mark === ")") return new PatternError('a ")" has no "("', "Write \\) for the character.");
    return new PatternError(
      `"${mark}" is an operator that weir does not support`,
      `Write \\${mark} for the character.`,
    );
  }

  #choice(): string {
    const choices = [this.#sequence()];
    while (this.#takes("|")) choices.push(this.#sequence());
    return choices.join("|");
  }

  #sequence(): string {
    let pattern = "";
    while (this.#at < this.#source.length && !"|)&~<".includes(this.#source[this.#at]!)) pattern += this.#repeated();
    return pattern;
  }

  #repeated(): string {
    let pattern = this.#atom();
    for (let count = 0; ; count++) {
      const repeat = this.#repeat();
      if (repeat === undefined) return pattern;
      if (count === deepest) throw new PatternError("too many repetitions follow each other", "Write one.");
      pattern = `(?:${pattern})${repeat}`;
    }
  }

  #repeat(): string | undefined {
    const found = this.#match(/[*+?]|\{(\d+)(?:,(\d*))?\}/y);
    if (!found && this.#source[this.#at] === "{")
      throw new PatternError('a "{" begins no repetition such as {2,5}', "Write \\{ for the character.");
    return found?.[0];
  }

  #atom(): string {
    const start = this.#at++;
    const mark = this.#source[start]!;
    switch (mark) {
      case ".":
        return ".";
      case "@":
        return ".*";
      case "#":
        return "[^\\s\\S]";
      case "(":
        return this.#group();
      case "[":
        return this.#class();
      case '"':
        return this.#literal();
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
      case "{":
        throw new PatternError(`nothing stands before "${mark}"`, `Write \\${mark} for the character.`);
      default:
        return quoted(mark);
    }
  }

  #group(): string {
    if (++this.#depth > deepest) throw new PatternError(`groups are nested more than ${deepest} deep`, "Write fewer.");
    if (this.#takes(")")) return this.#left("");
    const pattern = this.#choice();
    if (this.#at >= this.#source.length) throw new PatternError('a "(" has no ")"', "Write \\( for the character.");
    if (!this.#takes(")")) throw this.#unsupported();
    return this.#left(pattern);
  }

  #left(pattern: string): string {
    this.#depth--;
    return `(?:${pattern})`;
  }

  #literal(): string {
    const end = this.#source.indexOf('"', this.#at);
    if (end < 0) throw new PatternError("a quote is not closed", 'Write \\" for the character.');
    const text = this.#source.slice(this.#at, end);
    this.#at = end + 1;
    return `(?:${[...text].map(quoted).join("")})`;
  }

  #escape(): string {
    const escaped = this.#source[this.#at++];
    if (escaped === undefined) throw new PatternError("it ends with a backslash", "Write \\\\ for the character.");
    return "dDsSwW".includes(escaped) ? `\\${escaped}` : quoted(escaped);
  }

  #class(): string {
    const open = () => new PatternError('a "[" has no "]"', "Write \\[ for the character.");
    let pattern = this.#takes("^") ? "[^" : "[";
    for (let isFirst = true; ; isFirst = false) {
      const character = this.#source[this.#at++];
      if (character === undefined) throw open();
      if (character === "]" && !isFirst) return `${pattern}]`;
      if (character === "\\") {
        if (this.#at >= this.#source.length) throw open();
        pattern += this.#escape();
      } else pattern += character === "-" ? "-" : quoted(character);
    }
  }

  #takes(mark: string): boolean {
    const found = this.#source[this.#at] === mark;
    if (found) this.#at++;
    return found;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }
}

/** A character that stands for itself. */
const quoted = (character: string): string => (/[\\^$.*+?()[\]{}|/&~-]/.test(character) ? `\\${character}` : character);
