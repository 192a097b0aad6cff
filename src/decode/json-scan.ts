/** The bytes that give JSON its shape. */
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

/** A place in the bytes: from `start` up to, without, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a byte outside of text does: begins text, goes a level in, or out. */
const kinds = new Uint8Array(256);
kinds[mark.quote] = 1;
kinds[mark.open] = 2;
kinds[mark.openList] = 2;
kinds[mark.close] = 3;
kinds[mark.closeList] = 3;

/** The first byte from `at` on that is no white space, or the length. */
export const skipSpace = (bytes: Buffer, at: number): number => {
  while (at < bytes.length && bytes[at]! <= 0x20) at++;
  return at;
};

/**
 * The byte after the JSON value that starts at `at`; undefined when it has no end. It checks no more of the value than
 * that needs: what it calls a value may yet not be JSON.
 */
export const valueEnd = (bytes: Buffer, at: number): number | undefined => {
  const first = bytes[at];
  if (first === mark.quote) return textEnd(bytes, at);
  if (first !== mark.open && first !== mark.openList) return wordEnd(bytes, at);
  let depth = 0;
  const length = bytes.length;
  for (let i = at; i < length; ) {
    const kind = kinds[bytes[i++]!];
    if (kind === 0) continue;
    if (kind === 1) {
      // `textEnd` in place: text is most of a record, and this is where the time goes.
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

/** The byte after the closing quote of the text that starts at `at`. */
const textEnd = (bytes: Buffer, at: number): number | undefined => {
  for (let i = at + 1; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === mark.backslash) i++;
    else if (byte === mark.quote) return i + 1;
  }
  return undefined;
};

/** A number, a truth value or null: up to what cannot be part of one. */
const wordEnd = (bytes: Buffer, at: number): number | undefined => {
  let end = at;
  while (end < bytes.length && /[-+.\w]/.test(String.fromCharCode(bytes[end]!))) end++;
  return end > at ? end : undefined;
};

/** A member of an object: its name as it is written, and where its value starts. */
export interface Member {
  readonly name: string;
  readonly start: number;
}

/** The member whose name starts at `at`; undefined when there is none, or no value of it. */
export const memberAt = (bytes: Buffer, at: number): Member | undefined => {
  if (bytes[at] !== mark.quote) return undefined;
  const nameEnd = textEnd(bytes, at);
  if (nameEnd === undefined) return undefined;
  const colon = skipSpace(bytes, nameEnd);
  if (bytes[colon] !== mark.colon) return undefined;
  return { name: bytes.toString("latin1", at + 1, nameEnd - 1), start: skipSpace(bytes, colon + 1) };
};
