import fc from "fast-check";
import { expect, it } from "vitest";
import { compileKql } from "../kql/index.ts";
import { offsetAsWritten, quoteIn } from "./kql-quote.ts";
import type { ReferencePart } from "./references.ts";

const text = (value: string): ReferencePart => ({ written: value, value, from: "text" });
const variable = (value: string): ReferencePart => ({ written: "${env:X}", value, from: "env" });

it("makes of any value a literal: the query matches that value and no other", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "grapheme" }), fc.boolean(), (value, quoted) => {
      const quote = quoted ? [text('"')] : [];
      const query = quoteIn([text("user.name: "), ...quote, variable(value), ...quote, text(" and not a: b")]);
      const matches = compileKql(query);
      expect(matches({ user: { name: value } })).toBe(true);
      expect(matches({ user: { name: `${value}x` } })).toBe(false);
      expect(matches({ user: { name: value }, a: "b" })).toBe(false);
    }),
  );
});

it("takes a reference that is the whole text for the query itself", () => {
  expect(quoteIn([variable("a: b or c: *")])).toBe("a: b or c: *");
});

it("finds offsets in what was written", () => {
  const parts = [text("a: "), variable('x"y'), text(" or b: c")];
  const query = quoteIn(parts);
  const written = parts.map((part) => part.written).join("");
  expect(query).toBe('a: "x\\"y" or b: c');
  expect(offsetAsWritten(parts, 0, true)).toBe(0);
  expect(offsetAsWritten(parts, 5, true)).toBe(written.indexOf("${"));
  expect(offsetAsWritten(parts, query.indexOf("b:"), true)).toBe(written.indexOf("b:"));
  expect(offsetAsWritten(parts, query.length, true)).toBe(written.length);
});
