import fc from "fast-check";
import { expect, it } from "vitest";
import { Allowance } from "./allowance.ts";

it("allows no more than its rate in the long run, and all of it to one who waits", () => {
  const step = fc.record({ wait: fc.nat(2000), want: fc.nat(50) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.array(step), (perSecond, steps) => {
      const allowance = new Allowance(perSecond, perSecond, 0);
      let [now, spent] = [0, 0];
      for (const { wait, want } of steps) {
        now += wait;
        if (allowance.left(now) <= 0) continue;
        allowance.spend(want);
        spent += want;
      }
      // What is there at first, what came since, and the last debt.
      expect(spent).toBeLessThanOrEqual(perSecond + (now / 1000) * perSecond + 50);
      expect(allowance.left(now + 60_000)).toBe(perSecond);
    }),
  );
});
