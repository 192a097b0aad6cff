import { parse, TomlError } from "smol-toml";
import { Lines, type Path, type Place, type SourceFile } from "../../config/source-file.ts";
import { isContainer } from "../../json.ts";
import { pathName, type TomlPlace, tomlPlaces } from "./toml-places.ts";

/** What is wrong with a TOML text, and where. */
export interface TomlFlaw {
  readonly message: string;
  readonly place: Place;
}

/** A TOML text, with the place of everything in it. */
export class TomlFile implements SourceFile {
  readonly name: string;
  readonly text: string;
  /** Its values as JSON has them; nothing if it is not valid TOML. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly flaws: readonly TomlFlaw[];
  readonly #lines: Lines;
  #places: ReadonlyMap<string, TomlPlace> | undefined;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    this.#lines = new Lines(text);
    const { values = {}, flaws } = read(text);
    this.values = values;
    this.flaws = flaws.map(({ message, line, column }) => ({ message, place: this.#restOf(line, column) }));
  }

  placeOf(path: Path): Place {
    const { value } = this.#at(path) ?? {};
    return value ? this.#lines.placeAt(...value) : this.placeOfKey(path);
  }

  placeOfKey(path: Path): Place {
    const place = this.#at(path);
    if (place) return this.#lines.placeAt(...place.key);
    return path.length === 0 ? this.#lines.placeAt(0, 0) : this.placeOfKey(path.slice(0, -1));
  }

  placeIn(path: Path, offset: number): Place {
    const { value } = this.#at(path) ?? {};
    if (!value) return this.placeOf(path);
    const at = offsetInText(this.text, value[0], offset);
    return this.#lines.placeAt(at, at + 1);
  }

  scalar(): undefined {
    return undefined;
  }

  #at(path: Path): TomlPlace | undefined {
    this.#places ??= this.flaws.length > 0 ? new Map() : tomlPlaces(this.text);
    return this.#places.get(pathName(path));
  }

  #restOf(line: number, column: number): Place {
    const row = this.text.split("\n")[line - 1] ?? "";
    return { line, column, length: Math.max(1, row.slice(column - 1).trimEnd().length) };
  }
}

interface Reading {
  readonly values?: Readonly<Record<string, unknown>>;
  readonly flaws: readonly { readonly message: string; readonly line: number; readonly column: number }[];
}

/** More mistakes than these are not looked for. */
const mostFlaws = 10;

/**
 * The parser stops at the first mistake. To find the next one, the text is read again without that line. Behind a list, a
 * map or a long text that is not closed, the mistakes would only follow from that.
 */
const read = (text: string): Reading => {
  const flaws: Reading["flaws"][number][] = [];
  let rest = text;
  while (flaws.length < mostFlaws) {
    try {
      const values: unknown = parse(rest, { maxDepth: deepest });
      if (flaws.length > 0) return { flaws };
      if (isDeeper(values, deepest)) return { flaws: [{ message: tooDeep, line: 1, column: 1 }] };
      // Dates become text, and tables objects as usual.
      return { values: JSON.parse(JSON.stringify(values)), flaws };
    } catch (error) {
      if (!(error instanceof TomlError)) return { flaws: [...flaws, { message: plain(error), line: 1, column: 1 }] };
      const { line, column } = error;
      flaws.push({ message: plain(error), line, column });
      const rows = rest.split("\n");
      if (isOpen(rows[line - 1] ?? "", plain(error))) break;
      rest = rows.with(line - 1, "").join("\n");
    }
  }
  return { flaws };
};

/** How deep lists and tables may be in each other. */
const deepest = 64;
const tooDeep = `it has tables that are more than ${deepest} deep`;

const isDeeper = (value: unknown, levels: number): boolean => {
  if (!isContainer(value)) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
};

const isOpen = (row: string, message: string): boolean =>
  row.trim() === "" || /"""|'''/.test(row) || /structure|unfinished|unterminated|end of/.test(message);

/** The parser's sentence, without the part of the text that it shows. */
const plain = (error: unknown): string => {
  const [sentence = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  return sentence.includes("excessively nested") ? tooDeep : sentence.replace(/^Invalid TOML document: /, "");
};

/** The offset in a TOML text of a character of the text value that is written at `from`. */
const offsetInText = (text: string, from: number, offset: number): number => {
  const quote = text[from]!;
  const isLong = text.startsWith(quote.repeat(3), from);
  let at = from + (isLong ? 3 : 1);
  // A line break right after the quotes is not part of the text.
  if (isLong) at += text.startsWith("\r\n", at) ? 2 : text[at] === "\n" ? 1 : 0;
  if (quote === "'") return at + offset;
  for (let left = offset; ; ) {
    const unit = /\\(?:([ \t]*\r?\n\s*)|u[\da-fA-F]{4}|U[\da-fA-F]{8}|x[\da-fA-F]{2}|.)/y;
    unit.lastIndex = at;
    const [written = ".", lineBreak] = unit.exec(text) ?? [];
    // A line break after a backslash, and the white space after it, are not part of the text either.
    if (lineBreak === undefined && left-- === 0) return at;
    at += written.length;
  }
};
