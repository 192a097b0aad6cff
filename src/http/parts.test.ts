import fc from "fast-check";
import { expect, it } from "vitest";
import { BodyMemory } from "./body-memory.ts";
import { Parts } from "./parts.ts";

const chunk = fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 200_000 }));

it("bodies are the chunks that arrived, also while others are received and given back", () => {
  let reused = 0;
  fc.assert(
    fc.property(
      fc.array(fc.record({ chunks: fc.array(chunk, { minLength: 1, maxLength: 6 }), isGivenBack: fc.boolean() }), {
        minLength: 1,
        maxLength: 12,
      }),
      (all) => {
        const memory = new BodyMemory();
        const seen = new Set<ArrayBufferLike>();
        const held: { readonly body: Buffer; readonly wanted: Buffer }[] = [];
        for (const [number, { chunks, isGivenBack }] of all.entries()) {
          const wanted = Buffer.concat(chunks.map((length, index) => Buffer.alloc(length, number * 7 + index)));
          const parts = new Parts(number % 2 ? wanted.length : undefined);
          let at = 0;
          for (const length of chunks) {
            // As a server gets them: each in memory of its own.
            const own = Buffer.allocUnsafeSlow(length);
            wanted.copy(own, 0, at, at + length);
            parts.add(own);
            at += length;
          }
          const body = parts.joined(memory);
          if (seen.has(body.buffer)) reused++;
          seen.add(body.buffer);
          held.push({ body, wanted });
          for (const { body, wanted } of held) expect(body.equals(wanted)).toBe(true);
          if (isGivenBack) {
            const { body } = held.shift()!;
            memory.takeBack(body);
            // Twice is no harm.
            memory.takeBack(body);
          }
        }
      },
    ),
  );
  expect(reused).toBeGreaterThan(0);
});
