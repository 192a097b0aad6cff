import fc from "fast-check";
import { expect, it } from "vitest";
import { Shares } from "./shares.ts";

const harmonic = (clients: number): number =>
  Array.from({ length: clients }, (_, index) => 1 / (index + 1)).reduce((sum, part) => sum + part, 0);

it("one client may take all, others find their share all the same, and what they take together is bounded", () => {
  const names = ["a", "b", "c", "d"];
  const step = fc.record({ client: fc.constantFrom(...names), isRelease: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(step, { maxLength: 300 }), (most, steps) => {
      const shares = new Shares(most);
      const taken = new Map(names.map((name) => [name, 0]));
      const total = () => [...taken.values()].reduce((sum, one) => sum + one, 0);
      for (const { client, isRelease } of steps) {
        const own = taken.get(client)!;
        const clients = [...taken.values()].filter((one) => one > 0).length + (own > 0 ? 0 : 1);
        expect(shares.isWithin(client, 1)).toBe(own + 1 <= most / clients);
        expect(shares.hasRoom(1)).toBe(total() < most);
        if (isRelease && own > 0) {
          shares.release(client, 1);
          taken.set(client, own - 1);
        } else if (shares.hasRoom(1) || shares.isWithin(client, 1)) {
          shares.take(client, 1);
          taken.set(client, own + 1);
        }
        expect(shares.total).toBe(total());
        expect(total()).toBeLessThanOrEqual(most * harmonic(names.length));
        if (total() > 0) expect(taken.get(shares.greediest()!)).toBe(Math.max(...taken.values()));
      }
    }),
  );
});
