import fc from "fast-check";
import { expect, it } from "vitest";
import type { Refusal } from "./problem.ts";
import { type Incoming, Reception } from "./reception.ts";

/** Bodies of clients, and how each was ended. */
const sending = (reception: Reception) => {
  const ended: [string, number][] = [];
  const begin = (client: string): Incoming =>
    reception.begin(client, ({ status }: Refusal) => void ended.push([client, status]));
  return { begin, ended };
};

it("a client with all of the memory gives way to one that has less than its share", () => {
  const reception = new Reception(1_000);
  const { begin, ended } = sending(reception);
  for (let n = 0; n < 4; n++) expect(begin("greedy").take(250)).toBe(true);
  expect([reception.fits(100, "greedy"), reception.fits(100, "modest"), reception.fits(501, "modest")]).toEqual([
    false,
    true,
    false,
  ]);
  expect(begin("modest").take(300)).toBe(true);
  expect(ended).toEqual([
    ["greedy", 429],
    ["greedy", 429],
  ]);
  // Both have their half now.
  expect(begin("modest").take(250)).toBe(false);
  expect(begin("greedy").take(250)).toBe(false);
});

it("bodies that are all here are not ended", () => {
  const reception = new Reception(1_000);
  const { begin, ended } = sending(reception);
  const complete = begin("greedy");
  expect(complete.take(1_000)).toBe(true);
  complete.complete();
  expect(begin("modest").take(1)).toBe(false);
  complete.release();
  expect(begin("modest").take(1)).toBe(true);
  expect(ended).toEqual([]);
});

it("never counts more than the limit, and a client alone below its share always finds room", () => {
  const step = fc.record({ client: fc.constantFrom("a", "b", "c"), bytes: fc.integer({ min: 1, max: 400 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const reception = new Reception(1_000);
      const bodies: Incoming[] = [];
      const heldBy = (client?: string) =>
        bodies.reduce((sum, body) => sum + (client === undefined || body.client === client ? body.bytes : 0), 0);
      for (const { client, bytes } of steps) {
        const before = heldBy(client);
        const body = reception.begin(client, () => undefined);
        bodies.push(body);
        const isTaken = body.take(bytes);
        expect(heldBy()).toBeLessThanOrEqual(1_000);
        if (before + bytes <= 1_000 / 3) expect(isTaken).toBe(true);
        if (!isTaken) body.release();
      }
    }),
  );
});
