import fc from "fast-check";
import { expect, it } from "vitest";
import type { Delivery } from "weir";
import { LineBlock } from "./line-block.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.tuple(fc.constantFrom("a", "é", "😀"), fc.nat({ max: 90_000 })).map(([unit, count]) => unit.repeat(count)),
);

it("holds the lines of each file until the next write, whatever their size", () => {
  const block = new LineBlock();
  fc.assert(
    fc.property(fc.array(fc.array(text, { maxLength: 6 }), { maxLength: 4 }), (files) => {
      block.clear();
      const written = files.map((lines) => {
        const events = lines.map((json) => ({ json }) as Delivery);
        return block.add(events, [...events.keys()]);
      });
      for (const [index, lines] of files.entries())
        expect(Buffer.from(lines.map((line) => `${line}\n`).join("")).equals(written[index]!)).toBe(true);
    }),
    { numRuns: 100 },
  );
});
