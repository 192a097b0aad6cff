import fc from "fast-check";
import { expect, it } from "vitest";
import { halfSipHashes, KeyHash } from "./key-hash.ts";

/** The text whose UTF-16 units are these bytes, in pairs. */
const textOf = (bytes: readonly number[]): string => Buffer.from(bytes).toString("utf16le");
const hex = (words: Int32Array): string => Buffer.from(words.buffer).toString("hex");

// From vectors.h of https://github.com/veorq/SipHash: HalfSipHash-2-4 with 64 bits, key 00 … 07, input 00 01 02 ….
it.each([
  [0, "218d1f59b9b83cc8"],
  [2, "064f39ef7c50eb57"],
  [4, "d5e78a175be52ea1"],
  [6, "ce3e91358aa2bc25"],
])("is HalfSipHash: %i bytes", (length, expected) => {
  const out = new Int32Array(4);
  const bytes = Array.from({ length }, (_, index) => index);
  const key = [0x03020100, 0x07060504];
  halfSipHashes(textOf(bytes), Int32Array.from([...key, ...key]), out, { each: 2, end: 4 });
  expect(hex(out)).toBe(expected + expected);
});

it("gives the same for the same text, and something else for any other text and any other key", () => {
  const [hash, other] = [new KeyHash(), new KeyHash()];
  const found = new Map<string, string>();
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      const words = hex(hash.of(text));
      expect(hex(hash.of(text))).toBe(words);
      expect(hex(other.of(text))).not.toBe(words);
      expect(found.get(words) ?? text).toBe(text);
      found.set(words, text);
    }),
    { numRuns: 500 },
  );
});
