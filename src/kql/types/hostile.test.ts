import fc from "fast-check";
import { expect, it } from "vitest";
import { fieldTypes } from "../../fields/types.ts";
import { compileKql, KqlError } from "../index.ts";

const names = ["a", "a.b", "c", "__proto__", "constructor.name"];
const words = [...names, "x", "7", "1.5", "true", "now-7d/d", "2026-01", "10.0.0.0/8", '"x y"', "x*", "*", "null", "ü"];
const query = fc
  .array(fc.constantFrom(...words, ":", ":{ ", " }", "(", ")", " and ", " or ", "not ", " > ", " <= "), {
    maxLength: 12,
  })
  .map((parts) => parts.join(""));
/** `field:value`, so that many queries are accepted. */
const condition = fc
  .tuple(fc.constantFrom(...names, "a*"), fc.constantFrom(":", " > ", " <= "), fc.constantFrom(...words))
  .map((parts) => parts.join(""));
const types = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...fieldTypes), { noNullPrototype: true });
const document = fc
  .dictionary(
    fc.constantFrom("a", "b", "a.b", "c", "__proto__", "constructor"),
    fc.anything({ maxDepth: 3, withNullPrototype: false }),
  )
  .map((data) => JSON.parse(JSON.stringify(data)) as Record<string, unknown>);

it("every query is refused in words, or has a verdict for every document", () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(query, condition), types, fc.boolean(), document, (kql, fields, isOpen, data) => {
      let matches: ReturnType<typeof compileKql>;
      try {
        matches = compileKql(kql, { fields, unlisted: isOpen ? "by_value" : "invisible", defaultFields: ["a", "c"] });
      } catch (error) {
        expect(error).toBeInstanceOf(KqlError);
        return;
      }
      accepted++;
      const verdict = matches(data, 1_767_225_600_000);
      expect(matches(data, 1_767_225_600_000)).toBe(verdict);
      expect(typeof verdict).toBe("boolean");
    }),
    { numRuns: process.env["WEIR_LONG"] ? 4_000 : 1_000 },
  );
  expect(accepted).toBeGreaterThan(process.env["WEIR_LONG"] ? 1_000 : 200);
});

it("a value of a megabyte takes linear time, whatever the type", () => {
  const literals = ["x", "7"];
  for (const type of fieldTypes)
    for (const value of ["9".repeat(1_000_000), "1.".repeat(500_000), "a-".repeat(500_000)])
      for (const literal of literals)
        for (const kql of [`a:${literal}`, `a > ${literal}`, "a:*x*7*", "a:*"]) {
          try {
            const matches = compileKql(kql, { fields: { a: type } });
            if (kql !== "a:*") expect(typeof matches({ a: value })).toBe("boolean");
          } catch (error) {
            expect(error).toBeInstanceOf(KqlError);
          }
        }
});
