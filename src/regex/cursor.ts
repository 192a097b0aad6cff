import { RegexError } from "./regex-error.ts";

/** Deeper groups and classes are no pattern that a person wrote. */
const deepest = 200;

/** A place in the text of a pattern, which is read from there on. */
export class Cursor {
  readonly source: string;
  /** In UTF-16 units. */
  at = 0;
  #depth = 0;

  constructor(source: string) {
    this.source = source;
  }

  get isAtEnd(): boolean {
    return this.at >= this.source.length;
  }

  error(message: string, offset = this.at): RegexError {
    return new RegexError(message, offset);
  }

  /** Moves over a text, if it is next. */
  takes(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Moves over what the sticky expression matches here. */
  match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at;
    const found = expression.exec(this.source) ?? undefined;
    this.at += found?.[0].length ?? 0;
    return found;
  }

  /** The next character of the pattern: one or two units. */
  next(): string {
    const char = String.fromCodePoint(this.source.codePointAt(this.at)!);
    this.at += char.length;
    return char;
  }

  /** Reads what is nested in something that begins at `start`. `what`: such as `groups`. */
  within<T>(what: string, start: number, read: () => T): T {
    if (++this.#depth > deepest) throw this.error(`${what} are nested more than ${deepest} deep`, start);
    const found = read();
    this.#depth--;
    return found;
  }
}
