import { Lines, type Path, type Place, type SourceFile } from "../../config/source-file.ts";
import { type Data, isObject } from "../../json.ts";

/** A line of a file with a JSON object on each line. */
export interface JsonLine {
  /** From 1. */
  readonly line: number;
  readonly value: Data;
}

/** A text with a JSON object on each line. The second part of a path is the number of a line. */
export class JsonLines implements SourceFile {
  readonly name: string;
  readonly text: string;
  readonly lines: readonly JsonLine[];
  /** The lines that are no JSON objects, and why. */
  readonly flaws: readonly { readonly line: number; readonly why: string }[];
  readonly #places: Lines;
  readonly #starts: readonly number[];

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    this.#places = new Lines(text);
    const [lines, flaws, starts]: [JsonLine[], { line: number; why: string }[], number[]] = [[], [], []];
    let start = 0;
    for (const [index, row] of text.split("\n").entries()) {
      starts.push(start);
      start += row.length + 1;
      if (row.trim() === "") continue;
      const value = parsed(row);
      if (isObject(value)) lines.push({ line: index + 1, value });
      else flaws.push({ line: index + 1, why: typeof value === "string" ? value : "it is not a JSON object" });
    }
    this.lines = lines;
    this.flaws = flaws;
    this.#starts = starts;
  }

  placeOf(path: Path): Place {
    const start = this.#starts[Number(path[1] ?? 1) - 1] ?? 0;
    return this.#places.placeAt(start, this.text.length);
  }

  placeOfKey(path: Path): Place {
    return this.placeOf(path);
  }

  placeIn(path: Path): Place {
    return this.placeOf(path);
  }

  scalar(): undefined {
    return undefined;
  }
}

/** The value of a line, or in words why there is none. */
const parsed = (row: string): unknown => {
  try {
    const value: unknown = JSON.parse(row.replace(/^\ufeff/, ""));
    return typeof value === "string" ? undefined : value;
  } catch (error) {
    return `it is not JSON: ${(error as Error).message.split("\n")[0]}`;
  }
};
