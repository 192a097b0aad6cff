import fc from "fast-check";
import { expect, it } from "vitest";
import { Draft, ExactNumber } from "weir/fields";
import { convert } from "./convert.ts";

const converted = (value: unknown, type: "integer" | "long"): unknown => {
  const draft = new Draft({ n: value });
  const actions = convert.compile({ n: type }) as readonly ((draft: Draft, context: { ingested: number }) => unknown)[];
  return actions[0]!(draft, { ingested: 0 }) === undefined ? draft.data["n"] : undefined;
};

const digits = fc.oneof(
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
  fc.bigInt({ min: -(2n ** 32n), max: 2n ** 32n }),
  fc.constantFrom(2n ** 31n, 2n ** 31n - 1n, -(2n ** 31n), 2n ** 63n, 2n ** 63n - 1n, 10n ** 15n, 10n ** 16n - 1n),
);

it("reads integers of any length exactly, within the limits of their type", () => {
  const text = fc.tuple(digits, fc.constantFrom("", "0", "00000000"), fc.boolean(), fc.boolean());
  fc.assert(
    fc.property(text, fc.constantFrom("integer", "long"), ([number, zeros, isHex, hasPlus], type) => {
      const size = number < 0n ? -number : number;
      const sign = number < 0n ? "-" : hasPlus ? "+" : "";
      const written = isHex ? `0x${size.toString(16)}` : `${zeros}${size}`;
      const isReadable = isHex ? written.length <= 18 : written.length <= 20;
      const most = 2n ** (type === "integer" ? 31n : 63n);
      const wanted = isReadable && number >= -most && number < most ? String(number) : undefined;
      const found = converted(`${sign}${written}`, type as "integer" | "long");
      expect(found instanceof ExactNumber || typeof found === "number" ? String(found) : found).toBe(wanted);
    }),
  );
  expect(Object.is(converted("-0", "integer"), 0)).toBe(true);
});
