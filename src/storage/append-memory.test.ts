import fc from "fast-check";
import { expect, it } from "vitest";
import { AppendMemory } from "./append-memory.ts";
import { noChanges } from "./database.ts";

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 20 * 1024 * 1024 })), {
  minLength: 1,
  maxLength: 4,
});

it("gives room for as many bytes as are wanted, never the same twice at a time", () => {
  fc.assert(
    fc.property(fc.array(sizes, { maxLength: 8 }), (requests) => {
      const memory = new AppendMemory();
      for (const sizes of requests) {
        const appends = sizes.map((size, index) => ({ outbox: `o${index}`, bytes: memory.room(size) }));
        expect(appends.map(({ bytes }) => bytes.length)).toEqual(sizes);
        const lent = memory.lentIn({ ...noChanges, appends });
        expect(new Set(lent).size).toBe(sizes.length);
        memory.takeBack(lent);
      }
    }),
    { numRuns: 50 },
  );
});

it("uses again what came back, unless it is very large", () => {
  const memory = new AppendMemory();
  const [small, large] = [memory.room(100_000).buffer, memory.room(3_000_000).buffer] as ArrayBuffer[];
  const huge = memory.room(9_000_000).buffer as ArrayBuffer;
  memory.takeBack([small!, large!, huge]);
  expect(memory.room(2_000_000).buffer).toBe(large);
  expect(memory.room(1).buffer).toBe(small);
  expect(memory.room(9_000_000).buffer).not.toBe(huge);
});
