// The parts of JSON text, as bytes. A zero follows the text, at which every loop stops without looking for the end.

export const space = 0x20;
export const quote = 0x22;
const plus = 0x2b;
export const comma = 0x2c;
export const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
export const colon = 0x3a;
export const openList = 0x5b;
const backslash = 0x5c;
export const closeList = 0x5d;
export const open = 0x7b;
export const close = 0x7d;

/** The bytes that may follow a backslash; `u` must be followed by four hexadecimal digits. */
const escapes = new Uint8Array(256);
for (const letter of '"\\/bfnrt') escapes[letter.charCodeAt(0)] = 1;
escapes[0x75] = 2;

/** The bytes at which the loop over a string stops: a quote, a backslash, and what no string may contain. */
export const isStop = new Uint8Array(256).fill(1, 0, space);
isStop[quote] = isStop[backslash] = 1;

const isSpace = new Uint8Array(256);
for (const byte of [0x20, 0x09, 0x0a, 0x0d]) isSpace[byte] = 1;

const isHex = new Uint8Array(256);
for (const digit of "0123456789abcdefABCDEF") isHex[digit.charCodeAt(0)] = 1;

export const isDigit = new Uint8Array(256);
for (const digit of "0123456789") isDigit[digit.charCodeAt(0)] = 1;

/** The index of the first byte from `at` on that is not white space. */
export const afterSpace = (bytes: Buffer, at: number): number => {
  let i = at;
  while (isSpace[bytes[i]!] === 1) i++;
  return i;
};

/** The index after the closing quote of the string that contains `at`, or -1. */
export const stringEnd = (bytes: Buffer, at: number): number => {
  for (let i = at; ; i++) {
    while (isStop[bytes[i]!] === 0) i++;
    if (bytes[i] === quote) return i + 1;
    if (bytes[i] !== backslash) return -1;
    const kind = escapes[bytes[++i]!];
    if (kind === 0) return -1;
    if (kind !== 2) continue;
    for (let digit = 0; digit < 4; digit++) if (isHex[bytes[++i]!] === 0) return -1;
  }
};

/** The index after the number that starts at `at`, or -1. */
export const numberEnd = (bytes: Buffer, at: number): number => {
  const from = bytes[at] === minus ? at + 1 : at;
  let i = bytes[from] === zero ? from + 1 : digitsEnd(bytes, from);
  if (i >= 0 && bytes[i] === point) i = digitsEnd(bytes, i + 1);
  if (i < 0 || (bytes[i]! | 0x20) !== 0x65) return i;
  const isSigned = bytes[i + 1] === plus || bytes[i + 1] === minus;
  return digitsEnd(bytes, isSigned ? i + 2 : i + 1);
};

/** The index after one or more digits, or -1. */
const digitsEnd = (bytes: Buffer, at: number): number => {
  let i = at;
  while (isDigit[bytes[i]!] === 1) i++;
  return i > at ? i : -1;
};

/** The index after `true`, `false` or `null`, or -1. */
export const wordEnd = (bytes: Buffer, at: number): number => {
  const word = words.find(([first]) => first === bytes[at]);
  return word?.every((byte, index) => bytes[at + index] === byte) ? at + word.length : -1;
};

const words: readonly (readonly number[])[] = ["true", "false", "null"].map((word) => [...Buffer.from(word)]);
