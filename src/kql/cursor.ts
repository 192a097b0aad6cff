import { KqlSyntaxError } from "./error.ts";
import { readLiteral } from "./literal.ts";
import type { KqlLiteral } from "./node.ts";

const SPACE = /[ \t\r\n\u00a0]*/y;
const OR = /[ \t\r\n\u00a0]+[oO][rR][ \t\r\n\u00a0]+/y;
const AND = /[ \t\r\n\u00a0]+[aA][nN][dD][ \t\r\n\u00a0]+/y;
const NOT = /[nN][oO][tT][ \t\r\n\u00a0]+/y;
const keywords = { or: OR, and: AND, not: NOT };

/** A position in a query's text; reading moves it forward. */
export class Cursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at === this.text.length;
  }

  skipSpace(): void {
    this.#take(SPACE);
  }

  /** Moves over a keyword with the space around it, if there is one here. */
  keyword(word: keyof typeof keywords): boolean {
    return this.#take(keywords[word]);
  }

  /** Moves over a mark such as `(`, if it is next. */
  mark(mark: string): boolean {
    if (!this.text.startsWith(mark, this.at)) return false;
    this.at += mark.length;
    return true;
  }

  /** Moves over a literal; `undefined` if there is none here. */
  literal(): KqlLiteral | undefined {
    const read = readLiteral(this.text, this.at);
    if (read) this.at = read.end;
    return read?.literal;
  }

  /** The error that something else is expected at the next character that is not space. */
  expected(what: string, hint: string): KqlSyntaxError {
    this.skipSpace();
    return new KqlSyntaxError(`Expected ${what}, found ${this.#next()}.`, hint, this.at);
  }

  /** Whether the text that follows matches, for hints. */
  startsWith(pattern: RegExp): boolean {
    return pattern.test(this.text.slice(this.at, this.at + 32));
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return false;
    this.at = pattern.lastIndex;
    return true;
  }

  #next(): string {
    if (this.done) return "the end of the query";
    const [word] = /^\w[^\s\\():<>"*{}]{0,19}|^\\?[\s\S]/.exec(this.text.slice(this.at, this.at + 20)) ?? [""];
    return `"${word}"`;
  }
}
