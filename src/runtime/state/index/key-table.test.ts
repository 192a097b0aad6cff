import fc from "fast-check";
import { expect, it } from "vitest";
import { KeyTable } from "./key-table.ts";

const width = 5;
const endless = () => ({ limit: Number.POSITIVE_INFINITY, used: 0 });

/** Few different first and second words: they share segments and homes. */
const word = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0, -1, 0x40000000, 0x7fffffff, -0x80000000));
const key = fc.tuple(word, word, fc.integer({ min: 0, max: 2 }), fc.constantFrom(1, -1));

it("holds what a Map holds, after any additions and removals", () => {
  const step = fc.tuple(fc.constantFrom("add", "add", "remove", "sweep"), key, fc.nat({ max: 99 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: "max" }), (steps) => {
      const [table, map] = [new KeyTable(width, endless()), new Map<string, number>()];
      for (const [what, parts, value] of steps) {
        const [words, name] = [Int32Array.from(parts), parts.join()];
        if (what === "add") {
          const place = table.add(words)!;
          place.words[place.at + 4] = value;
          map.set(name, value);
        } else if (what === "remove") expect(table.remove(words)).toBe(map.delete(name));
        else {
          for (const part of table.segments) table.removeIn(part, (slots, at) => slots[at + 4]! < value);
          // It may leave some of them.
          for (const [name, held] of map)
            if (held < value && !table.find(Int32Array.from(name.split(",").map(Number)))) map.delete(name);
        }
        expect(table.count).toBe(map.size);
      }
      for (const [name, value] of map) {
        const place = table.find(Int32Array.from(name.split(",").map(Number)))!;
        expect([name, place.words[place.at + 4]]).toEqual([name, value]);
      }
    }),
    { numRuns: process.env["WEIR_LONG"] ? 3_000 : 150 },
  );
});

const spread = (index: number): Int32Array => {
  const mix = (salt: number) => Math.imul(Math.imul(index + salt, 0x9e3779b1) ^ (index >>> 7), 0x85ebca6b);
  return Int32Array.from([mix(1), mix(2), index, 1]);
};

it("grows and shrinks through many segments, within 45 bytes a key of 8 words, and gives back its memory", () => {
  const budget = endless();
  const table = new KeyTable(8, budget);
  const count = 60_000;
  let wrong = 0;
  for (let index = 0; index < count; index++) {
    const { words, at } = table.add(spread(index))!;
    words[at + 4] = ~index;
    if (index % 10_007 === 10_006) expect(budget.used / (index + 1)).toBeLessThan(45);
  }
  expect(table.segments.size).toBeGreaterThan(2);
  for (let index = 0; index < count; index++) {
    const { words, at } = table.find(spread(index))!;
    if (words[at + 4] !== ~index) wrong++;
    if (index % 10 > 0) table.remove(spread(index));
  }
  expect([wrong, table.count, budget.used < 65 * table.count]).toEqual([0, count / 10, true]);
  table.close();
  expect(budget.used).toBe(0);
});

it("refuses a key beyond its limit, and keeps what it has", () => {
  const budget = { limit: 4_000, used: 0 };
  const table = new KeyTable(width, budget);
  let held = 0;
  while (table.add(spread(held))) held++;
  expect(budget.used).toBeLessThanOrEqual(budget.limit);
  for (let index = 0; index < held; index++) expect(table.find(spread(index))).toBeDefined();
  expect(table.add(spread(held))).toBeUndefined();
  // A key that it has is no addition.
  expect(table.add(spread(0))).toBeDefined();
});
