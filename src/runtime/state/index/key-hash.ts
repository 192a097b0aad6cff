import { randomFillSync } from "node:crypto";
/** 128 bits of a key. The last word is never 0. */
export type Words = Int32Array;

/** How many rounds for each word of input and at the end. Hash tables use 1 and 3; the reference vectors are for 2 and 4. */
export interface Rounds {
  readonly each: number;
  readonly end: number;
}

const usual: Rounds = { each: 1, end: 3 };

/**
 * Two HalfSipHashes of a text's UTF-16 units, low byte first: with the key of words 0 and 1 of `keys`, and with that of words 2 and
 * 3. Each gives 64 bits. Who does not know the keys can find no two texts with the same result
 * (https://github.com/veorq/SipHash). They run side by side, because a processor does both in the time of one.
 */
export const halfSipHashes = (text: string, keys: Words, out: Words, { each, end } = usual): void => {
  let a0 = keys[0]!;
  let a1 = keys[1]! ^ 0xee;
  let a2 = 0x6c796765 ^ a0;
  let a3 = 0x74656462 ^ keys[1]!;
  let b0 = keys[2]!;
  let b1 = keys[3]! ^ 0xee;
  let b2 = 0x6c796765 ^ b0;
  let b3 = 0x74656462 ^ keys[3]!;
  const { length } = text;
  const whole = length >> 1;
  // After the words of input come one with the length, and the words of the result.
  for (let word = 0; word <= whole + 2; word++) {
    let m = 0;
    if (word < whole) m = text.charCodeAt(2 * word) | (text.charCodeAt(2 * word + 1) << 16);
    else if (word === whole) m = ((length * 2) << 24) | (length & 1 ? text.charCodeAt(length - 1) : 0);
    else if (word === whole + 1) {
      a2 ^= 0xee;
      b2 ^= 0xee;
    } else {
      out[0] = a1 ^ a3;
      out[2] = b1 ^ b3;
      a1 ^= 0xdd;
      b1 ^= 0xdd;
    }
    a3 ^= m;
    b3 ^= m;
    for (let round = word <= whole ? each : end; round > 0; round--) {
      a0 = (a0 + a1) | 0;
      b0 = (b0 + b1) | 0;
      a1 = ((a1 << 5) | (a1 >>> 27)) ^ a0;
      b1 = ((b1 << 5) | (b1 >>> 27)) ^ b0;
      a0 = (a0 << 16) | (a0 >>> 16);
      b0 = (b0 << 16) | (b0 >>> 16);
      a2 = (a2 + a3) | 0;
      b2 = (b2 + b3) | 0;
      a3 = ((a3 << 8) | (a3 >>> 24)) ^ a2;
      b3 = ((b3 << 8) | (b3 >>> 24)) ^ b2;
      a0 = (a0 + a3) | 0;
      b0 = (b0 + b3) | 0;
      a3 = ((a3 << 7) | (a3 >>> 25)) ^ a0;
      b3 = ((b3 << 7) | (b3 >>> 25)) ^ b0;
      a2 = (a2 + a1) | 0;
      b2 = (b2 + b1) | 0;
      a1 = ((a1 << 13) | (a1 >>> 19)) ^ a2;
      b1 = ((b1 << 13) | (b1 >>> 19)) ^ b2;
      a2 = (a2 << 16) | (a2 >>> 16);
      b2 = (b2 << 16) | (b2 >>> 16);
    }
    a0 ^= m;
    b0 ^= m;
  }
  out[1] = a1 ^ a3;
  out[3] = b1 ^ b3;
};

/** Hashes keys to 128 bits (127, so that the last word is not 0), with a random key that nothing outside the process learns. */
export class KeyHash {
  readonly #keys: Words = randomFillSync(new Int32Array(4));
  readonly #words = new Int32Array(4);

  /** The words are valid until the next call. */
  of(key: string): Words {
    const words = this.#words;
    halfSipHashes(key, this.#keys, words);
    words[3]! |= 1;
    return words;
  }
}
