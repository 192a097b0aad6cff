import { isUtf8 } from "node:buffer";
import { TableError } from "./table-error.ts";

/** A line of a file. */
export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

const newline = 0x0a;

/** The lines of a file in UTF-8, without their ends and a byte order mark. Throws a `TableError` at one that is not UTF-8. */
export const linesOf = function* (bytes: Buffer): Generator<Line, undefined> {
  let from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let number = 1; from < bytes.length; number++) {
    const found = bytes.indexOf(newline, from);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(from, end);
    if (!isUtf8(line)) throw new TableError(`line ${number} is not UTF-8; save the file in this encoding`);
    yield { text: line.toString("utf8").replace(/\r$/, ""), number };
    from = end + 1;
  }
  return undefined;
};
