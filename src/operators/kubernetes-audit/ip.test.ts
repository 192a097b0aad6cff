import { isIP } from "node:net";
import fc from "fast-check";
import { expect, it } from "vitest";
import { isIp } from "./ip.ts";

/** An address, and what a hand might do to it. */
const nearly = fc
  .tuple(
    fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6()),
    fc.nat(40),
    fc.constantFrom("", "", ".", ":", "0", "1", "g", " "),
  )
  .map(([text, at, added]) => text.slice(0, at) + added + text.slice(at + (added === "" ? 0 : 1)));

it("takes what Node takes for an address, without zones", () => {
  fc.assert(
    fc.property(fc.oneof(nearly, fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
      expect(isIp(text)).toBe(isIP(text) !== 0 && !text.includes("%"));
    }),
    { numRuns: 5_000 },
  );
});
