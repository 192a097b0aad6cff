import type { Path } from "../../config/source-file.ts";

/** From an offset in the text to another. */
export type Span = readonly [from: number, to: number];

/** Where the key and the value of a path are. A table with a header has no value. */
export interface TomlPlace {
  readonly key: Span;
  readonly value?: Span;
}

/** Names a path. */
export const pathName = (path: Path): string => JSON.stringify(path);

/** Where everything in a TOML text is, by `pathName`. The text must be valid TOML: it was parsed before. */
export const tomlPlaces = (text: string): ReadonlyMap<string, TomlPlace> => new Scanner(text).places();

class Scanner {
  readonly #text: string;
  readonly #places = new Map<string, TomlPlace>();
  /** How many tables each list of tables has so far. */
  readonly #tables = new Map<string, number>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  places(): ReadonlyMap<string, TomlPlace> {
    let table: Path = [];
    for (this.#skip(); this.#at < this.#text.length; this.#skip())
      if (this.#text[this.#at] === "[") table = this.#header();
      else this.#pair(table);
    return this.#places;
  }

  /** `[a.b]`, or `[[a.b]]` for one more table in a list. */
  #header(): Path {
    const isList = this.#text.startsWith("[[", this.#at);
    this.#at += isList ? 2 : 1;
    const { parts, span } = this.#key();
    this.#at = this.#text.indexOf("]", this.#at) + (isList ? 2 : 1);
    let path: Path = [];
    for (const [index, part] of parts.entries()) {
      path = [...path, part];
      const name = pathName(path);
      const isNew = isList && index === parts.length - 1;
      const count = (this.#tables.get(name) ?? 0) + (isNew ? 1 : 0);
      if (isNew) this.#tables.set(name, count);
      this.#add(path, span);
      if (count > 0) path = [...path, count - 1];
    }
    this.#add(path, span);
    return path;
  }

  #pair(table: Path): void {
    const { parts, span } = this.#key();
    for (let length = 1; length < parts.length; length++) this.#add([...table, ...parts.slice(0, length)], span);
    this.#at = this.#text.indexOf("=", this.#at) + 1;
    this.#skip();
    const path = [...table, ...parts];
    const from = this.#at;
    this.#value(path);
    this.#places.set(pathName(path), { key: span, value: [from, this.#at] });
  }

  #add(path: Path, key: Span): void {
    const name = pathName(path);
    if (!this.#places.has(name)) this.#places.set(name, { key });
  }

  #key(): { readonly parts: readonly string[]; readonly span: Span } {
    const parts: string[] = [];
    this.#skip();
    const from = this.#at;
    for (;;) {
      const start = this.#at;
      const quote = this.#text[start];
      if (quote === '"' || quote === "'") {
        this.#string();
        parts.push(keyText(this.#text.slice(start, this.#at)));
      } else {
        while (/[\w-]/.test(this.#text[this.#at] ?? "")) this.#at++;
        parts.push(this.#text.slice(start, this.#at));
      }
      const to = this.#at;
      this.#skip();
      if (this.#text[this.#at] !== ".") return { parts, span: [from, to] };
      this.#at++;
      this.#skip();
    }
  }

  #value(path: Path): void {
    const first = this.#text[this.#at];
    if (first === '"' || first === "'") this.#string();
    else if (first === "[") this.#list(path);
    else if (first === "{") this.#inlineTable(path);
    else {
      const end = /[,\]}#\n]/g;
      end.lastIndex = this.#at;
      const stop = end.exec(this.#text)?.index ?? this.#text.length;
      this.#at += this.#text.slice(this.#at, stop).trimEnd().length;
    }
  }

  #list(path: Path): void {
    this.#at++;
    for (let index = 0; ; index++) {
      this.#skip(",");
      if (this.#at >= this.#text.length || this.#text[this.#at] === "]") break;
      const from = this.#at;
      this.#value([...path, index]);
      const span: Span = [from, this.#at];
      this.#places.set(pathName([...path, index]), { key: span, value: span });
    }
    this.#at++;
  }

  #inlineTable(path: Path): void {
    this.#at++;
    for (this.#skip(","); this.#at < this.#text.length && this.#text[this.#at] !== "}"; this.#skip(","))
      this.#pair(path);
    this.#at++;
  }

  /** Moves behind the text in quotes that begins here. */
  #string(): void {
    const quote = this.#text[this.#at]!;
    const long = quote.repeat(3);
    const isLong = this.#text.startsWith(long, this.#at);
    const end = isLong ? long : quote;
    this.#at += end.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(end, this.#at))
      this.#at += quote === '"' && this.#text[this.#at] === "\\" ? 2 : 1;
    this.#at += end.length;
    // A long text may end with quotes of its own.
    for (let extra = 0; isLong && extra < 2 && this.#text[this.#at] === quote; extra++) this.#at++;
  }

  /** Moves over white space and comments, and over one more character. */
  #skip(also = ""): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at]!;
      if (char === "#") {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end < 0 ? this.#text.length : end;
      } else if (!" \t\r\n\ufeff".includes(char) && char !== also) return;
    }
  }
}

/** A key in quotes as text. Escapes that JSON does not have are left as they are: such keys only name a place. */
const keyText = (written: string): string => {
  if (written.startsWith("'")) return written.slice(1, -1);
  try {
    return JSON.parse(written) as string;
  } catch {
    return written.slice(1, -1);
  }
};
