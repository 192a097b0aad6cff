import { isUtf8 } from "node:buffer";
import { parseJson } from "../parse-json.ts";
import { linesOf } from "./lines.ts";
import { TableError } from "./table-error.ts";

/** A value of a file, and where it is, such as `line 3`. */
export interface Placed {
  readonly value: unknown;
  readonly place: string;
}

/** The values of a file with one in each line; empty lines are left out. Throws a `TableError`. */
export const jsonLines = function* (bytes: Buffer): Generator<Placed, undefined> {
  for (const { text, number } of linesOf(bytes)) {
    const place = `line ${number}`;
    if (text.trim() !== "") yield { value: parsed(text, place), place };
  }
  return undefined;
};

/** A document is parsed in one piece, which must not hold events up for long. */
const mostBytesOfDocument = 4 * 1024 * 1024;

/** The value of a file that is one JSON document of up to 4 MiB. Throws a `TableError`. */
export const jsonDocument = (bytes: Buffer): unknown => {
  if (bytes.length > mostBytesOfDocument)
    throw new TableError("a JSON file can have up to 4 MiB; write one object on each line instead (format: ndjson)");
  if (!isUtf8(bytes)) throw new TableError("the file is not UTF-8; save it in this encoding");
  return parsed(bytes.toString("utf8").replace(/^\ufeff/, ""), "the file");
};

const parsed = (text: string, place: string): unknown => {
  try {
    return parseJson(text);
  } catch (error) {
    const [reason = ""] = (error as Error).message.split("\n");
    throw new TableError(`${place} is not JSON: ${reason.replace(/\.$/, "")}`);
  }
};
