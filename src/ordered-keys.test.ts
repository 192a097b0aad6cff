import fc from "fast-check";
import { expect, it } from "vitest";
import { compareKeys, merged, OrderedKeys } from "./ordered-keys.ts";

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
/** Characters on either side of the surrogates, which UTF-16 orders differently. */
const character = fc.constantFrom("a", "b", "\u0000", "é", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}");
const key = fc.oneof(
  fc.array(character, { maxLength: 4 }).map((characters) => characters.join("")),
  fc.string({ unit: "binary", maxLength: 3 }),
);

it("keys are ordered like their bytes in UTF-8", () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(byBytes(a, b));
    }),
    { numRuns: 2_000 },
  );
});

it("ordered keys behave like a sorted array, whatever is added and removed", () => {
  const change = fc.tuple(fc.constantFrom("add", "add", "remove", "remove", "read"), key);
  const query = fc.record({
    prefix: key,
    after: fc.option(key, { nil: undefined }),
    end: fc.option(key, { nil: undefined }),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(key),
      fc.array(change, { maxLength: 60, size: "max" }),
      fc.array(query),
      (first, changes, queries) => {
        const [ordered, plain] = [new OrderedKeys(first), new Set(first)];
        for (const [what, key] of changes)
          if (what === "add") {
            ordered.add(key);
            plain.add(key);
          } else if (what === "read")
            expect([...ordered.within(key, undefined, undefined)].length).toBeLessThanOrEqual(plain.size);
          else {
            ordered.remove(key);
            plain.delete(key);
          }
        const sorted = [...plain].sort(byBytes);
        expect([...ordered.within("", undefined, undefined)]).toEqual(sorted);
        // Also by what is there: a prefix, and keys that are met.
        const met = sorted.map((key) => ({ prefix: [...key][0] ?? "", after: key, end: sorted.at(-1) }));
        for (const { prefix, after, end } of [...queries, ...met])
          expect([...ordered.within(prefix, after, end)]).toEqual(
            sorted
              .filter((key) => key.startsWith(prefix))
              .filter((key) => after === undefined || byBytes(key, after) > 0)
              .filter((key) => end === undefined || byBytes(key, end) <= 0),
          );
      },
    ),
    { numRuns: 300 },
  );
});

it("two ordered lists are merged into one, with each key once", () => {
  const list = fc.uniqueArray(key).map((keys) => keys.sort(byBytes));
  fc.assert(
    fc.property(list, list, (a, b) => {
      expect([...merged(a, b)]).toEqual([...new Set([...a, ...b])].sort(byBytes));
    }),
  );
});
