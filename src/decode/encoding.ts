import { isUtf8 } from "node:buffer";
import type { Encoding } from "../encodings.ts";

/** How the bytes of records become text. */
export interface TextReader {
  readonly encoding: Encoding;
  /** The text of `block[start, end)`. What is not text in this encoding becomes U+FFFD. */
  read(block: Buffer, start: number, end: number): string;
  /** Whether all of these bytes are text in this encoding; `text` is what `read` returned for them. */
  isExact(text: string, block: Buffer, start: number, end: number): boolean;
}

const replacement = "\ufffd";

const utf8: TextReader = {
  encoding: "utf-8",
  read: (block, start, end) => block.toString("utf8", start, end),
  isExact: (text, block, start, end) => !text.includes(replacement) || isUtf8(block.subarray(start, end)),
};

export const textReader = (encoding: Encoding): TextReader => {
  if (encoding === "utf-8") return utf8;
  const lenient = new TextDecoder(encoding, { ignoreBOM: true });
  const strict = new TextDecoder(encoding, { ignoreBOM: true, fatal: true });
  return {
    encoding,
    read: (block, start, end) => lenient.decode(block.subarray(start, end)),
    isExact: (text, block, start, end) => {
      if (!text.includes(replacement)) return true;
      try {
        strict.decode(block.subarray(start, end));
        return true;
      } catch {
        return false;
      }
    },
  };
};

export const isUtf16 = (encoding: Encoding): boolean => encoding === "utf-16le" || encoding === "utf-16be";

/** The encoding that a byte order mark of UTF-16 at the start of a stream names. */
export const markedEncoding = (start: Uint8Array): Encoding | undefined => {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  return start[0] === 0xfe && start[1] === 0xff ? "utf-16be" : undefined;
};

const marks: Partial<Record<Encoding, readonly number[]>> = {
  "utf-8": [0xef, 0xbb, 0xbf],
  "utf-16le": [0xff, 0xfe],
  "utf-16be": [0xfe, 0xff],
};

/** The length of the byte order mark at `at`, which is not part of the text; 0 if there is none. */
export const markLength = (encoding: Encoding, block: Buffer, at: number): number => {
  const mark = marks[encoding];
  return mark?.every((byte, index) => block[at + index] === byte) ? mark.length : 0;
};
