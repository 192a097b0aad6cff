/** The structural characters of JSON, as bytes. */
export const mark = {
  quote: 0x22,
  backslash: 0x5c,
  comma: 0x2c,
  colon: 0x3a,
  openList: 0x5b,
  closeList: 0x5d,
  open: 0x7b,
  close: 0x7d,
} as const;

/** A range of bytes: from `start` up to, but not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a byte outside a string does: starts a string, opens a level, or closes one. */
const kinds = new Uint8Array(256);
kinds[mark.quote] = 1;
kinds[mark.open] = 2;
kinds[mark.openList] = 2;
kinds[mark.close] = 3;
kinds[mark.closeList] = 3;

/** The index of the first byte from `at` on that is not white space, or the length. */
export const skipSpace = (bytes: Buffer, at: number): number => {
  while (at < bytes.length && bytes[at]! <= 0x20) at++;
  return at;
};

/**
 * The index after the JSON value that starts at `at`; undefined if the value does not end. It does not validate the
 * value, so the bytes may still not be JSON.
 */
export const valueEnd = (bytes: Buffer, at: number): number | undefined => {
  const first = bytes[at];
  if (first === mark.quote) return stringEnd(bytes, at);
  if (first !== mark.open && first !== mark.openList) return wordEnd(bytes, at);
  let depth = 0;
  const length = bytes.length;
  for (let i = at; i < length; ) {
    const kind = kinds[bytes[i++]!];
    if (kind === 0) continue;
    if (kind === 1) {
      // `stringEnd`, inlined: most of a record is strings, and most of the time is spent here.
      for (;;) {
        if (i >= length) return undefined;
        const byte = bytes[i++]!;
        if (byte === mark.quote) break;
        if (byte === mark.backslash) i++;
      }
    } else if (kind === 2) depth++;
    else if (--depth === 0) return i;
  }
  return undefined;
};

/** The index after the closing quote of the string that starts at `at`. */
const stringEnd = (bytes: Buffer, at: number): number | undefined => {
  for (let i = at + 1; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === mark.backslash) i++;
    else if (byte === mark.quote) return i + 1;
  }
  return undefined;
};

/** The index after a number, a boolean or null: up to the first byte that cannot be part of one. */
const wordEnd = (bytes: Buffer, at: number): number | undefined => {
  let end = at;
  while (end < bytes.length && isOfWord[bytes[end]!] === 1) end++;
  return end > at ? end : undefined;
};

const isOfWord = Uint8Array.from({ length: 256 }, (_, byte) => Number(/[-+.\w]/.test(String.fromCharCode(byte))));

/** A member of an object: its name as written, and where its value starts. */
export interface Member {
  readonly name: string;
  readonly start: number;
}

/** The member whose name starts at `at`; undefined if there is none, or it has no value. */
export const memberAt = (bytes: Buffer, at: number): Member | undefined => {
  if (bytes[at] !== mark.quote) return undefined;
  const nameEnd = stringEnd(bytes, at);
  if (nameEnd === undefined) return undefined;
  const colon = skipSpace(bytes, nameEnd);
  if (bytes[colon] !== mark.colon) return undefined;
  return { name: bytes.toString("latin1", at + 1, nameEnd - 1), start: skipSpace(bytes, colon + 1) };
};
