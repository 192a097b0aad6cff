import type { Data } from "../../json.ts";

/** A record, or what a codec found in it. */
export interface Part {
  /** Byte offset of the record in the stream. */
  readonly position: number;
  readonly text: string;
  /** Whether the text has all of the record's content. */
  readonly isExact: boolean;
  /** The length of the record, in bytes. */
  readonly size: number;
  /** The bytes of the record, if they are needed. They are copied. */
  readonly bytes: Uint8Array | undefined;
  /** What else the event has. */
  readonly data: Data | undefined;
  /** Whether the line goes on in the next record. */
  readonly isPartial: boolean;
}

/** A text that may go on: of parts of a line, or of lines. What is not the text comes from its first part. */
export class OpenText {
  readonly position: number;
  readonly data: Data | undefined;
  size = 0;
  lines = 1;
  isExact = true;
  /** Whether a limit, or the end of waiting, has parted it from what goes on with it. */
  isTruncated = false;
  readonly #texts: string[] = [];
  readonly #bytes: Uint8Array[] = [];

  constructor({ position, data }: Pick<Part, "position" | "data">) {
    this.position = position;
    this.data = data;
  }

  /** Adds a part of a line. */
  addPart({ text, size, isExact, bytes }: Part): void {
    this.#texts.push(text);
    this.size += size;
    this.isExact &&= isExact;
    // A copy of its own: a part of Node's pool would keep all of it.
    if (bytes) this.#bytes.push(new Uint8Array(bytes));
  }

  /** Adds a line. */
  addLine(line: OpenText, lineFeed: Uint8Array): void {
    this.#texts.push("\n", line.text);
    this.size += line.size;
    this.lines++;
    this.isExact &&= line.isExact;
    this.isTruncated ||= line.isTruncated;
    if (line.#bytes.length > 0) this.#bytes.push(lineFeed, line.bytes);
  }

  get text(): string {
    return this.#texts.length === 1 ? this.#texts[0]! : this.#texts.join("");
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#bytes);
  }
}
