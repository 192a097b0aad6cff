import { EqlSyntaxError } from "./error.ts";
import { readString } from "./string-literal.ts";

/** A piece of a query's text. `value` is that of a string, or the name without its quotes or `~`. */
export interface Token {
  readonly kind: "name" | "quoted" | "string" | "number" | "mark" | "end";
  readonly value: string;
  /** A `~` right after a name. */
  readonly tilde: boolean;
  readonly start: number;
  readonly end: number;
}

const SPACE = /(?:[ \t\r\n]+|\/\/[^\r\n]*)+/y;
const NAME = /([A-Za-z_@][A-Za-z0-9_]*)(~?)/y;
const QUOTED = /`((?:[^`]|``)*)`/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const MARK = /!\[|==|!=|<=|>=|[:=<>+\-*/%.,[\]()|?]/y;

const match = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

/** Reads a query's text token by token. Space and comments separate them. */
export class Tokens {
  readonly text: string;
  #next: Token | undefined;
  /** Where the last token that was taken ends. */
  #at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The next token, which stays. Throws an `EqlSyntaxError` if there is none that EQL knows. */
  get next(): Token {
    this.#next ??= this.#read(this.#at);
    return this.#next;
  }

  take(): Token {
    const token = this.next;
    this.#at = token.end;
    this.#next = undefined;
    return token;
  }

  /** Whether the next token is the mark. */
  at(mark: string): boolean {
    return this.next.kind === "mark" && this.next.value === mark;
  }

  /** Whether the next token is the word, with a `~` after it or without. */
  atWord(word: string, tilde = false): boolean {
    const { kind, value, tilde: found } = this.next;
    return kind === "name" && value === word && found === tilde;
  }

  /** Moves over a mark, if it is next. */
  mark(mark: string): boolean {
    const found = this.at(mark);
    if (found) this.take();
    return found;
  }

  /** Moves over a word, if it is next. */
  word(word: string, tilde = false): boolean {
    const found = this.atWord(word, tilde);
    if (found) this.take();
    return found;
  }

  /** The token after the next one. */
  get second(): Token {
    return this.#read(this.next.end);
  }

  #read(from: number): Token {
    const { text } = this;
    const start = this.#skip(from);
    const token = (kind: Token["kind"], value: string, end: number, tilde = false): Token => ({
      kind,
      value,
      tilde,
      start,
      end,
    });
    if (start === text.length) return token("end", "", start);
    const name = match(NAME, text, start);
    if (name) return token("name", name[1]!, NAME.lastIndex, name[2] === "~");
    if (text[start] === '"') {
      const { value, end } = readString(text, start);
      return token("string", value, end);
    }
    const quoted = match(QUOTED, text, start);
    if (quoted) return token("quoted", quoted[1]!.replaceAll("``", "`"), QUOTED.lastIndex);
    const number = match(NUMBER, text, start);
    if (number) return token("number", number[0], NUMBER.lastIndex);
    const mark = match(MARK, text, start);
    if (!mark || isOldString(text, start)) throw unknown(text, start);
    return token("mark", mark[0], MARK.lastIndex);
  }

  /** Where the next token begins. */
  #skip(from: number): number {
    const { text } = this;
    for (let at = from; ; ) {
      if (match(SPACE, text, at)) at = SPACE.lastIndex;
      if (!text.startsWith("/*", at)) return at;
      const end = text.indexOf("*/", at + 2);
      if (end < 0) throw new EqlSyntaxError("The comment is not closed.", "Close it with */.", at);
      at = end + 2;
    }
  }
}

const isOldString = (text: string, at: number) => text[at] === "?" && (text[at + 1] === '"' || text[at + 1] === "'");

const unknown = (text: string, at: number): EqlSyntaxError => {
  const character = String.fromCodePoint(text.codePointAt(at)!);
  return new EqlSyntaxError(`"${character}" is not expected here.`, hintFor(text, at, character), at);
};

const hintFor = (text: string, at: number, character: string): string => {
  if (isOldString(text, at)) return 'Put a raw string between """ and """.';
  if (character === "'") return 'Put strings in double quotes: "…".';
  if (character === "`") return "Close the name with another `.";
  if (text.startsWith("!:", at)) return 'Write not field : "value".';
  if (character === "!") return 'Write "not", "!=", or ![…] for an event that must be missing.';
  if (character === "&") return 'Write "and".';
  if (character === "~") return "Write ~ right after the name, as in like~ or endsWith~(…).";
  return 'Quote it: a text as "…", the name of a field as `…`.';
};
