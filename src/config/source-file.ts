import type { Scalar } from "yaml";

/** Keys and list positions from the top of the file to a value. */
export type Path = readonly (string | number)[];

/** A place in a file: line and column from 1, length in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** A text in YAML or another format, with the place of everything in it. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
  /** The place of the value at a path; without a value, of its key or else of what would contain it. */
  placeOf(path: Path): Place;
  /** The place of the key of the value at a path; for an item of a list, of the item. */
  placeOfKey(path: Path): Place;
  /** The place of one character of a text value; `offset` is in the value, in UTF-16 units. */
  placeIn(path: Path, offset: number): Place;
  /** A YAML scalar, which may have references; `undefined` in other formats. */
  scalar(path: Path): Scalar | undefined;
}

/** Finds the line and column of offsets in a text. */
export class Lines {
  readonly #text: string;
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#text = text;
    const starts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    this.#starts = starts;
  }

  /** From one offset to another, but not beyond the end of the line. */
  placeAt(from: number, to: number): Place {
    const start = Math.min(from, this.#text.length);
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= start) low = middle;
      else high = middle;
    }
    const ends = this.#text.indexOf("\n", start);
    const end = Math.min(to, ends < 0 ? this.#text.length : ends);
    const length = this.#text.slice(start, end).trimEnd().length;
    return { line: low + 1, column: start - this.#starts[low]! + 1, length: Math.max(1, length) };
  }
}
