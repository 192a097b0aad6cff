import fc from "fast-check";
import { expect, it } from "vitest";
import { delivery } from "weir/testing";
import { Audience, type Member } from "./audience.ts";

/** A time that passes only while queries run, and when a test says so. */
const timeline = () => {
  const sleepers: (() => void)[] = [];
  const time = {
    now: 0,
    spent: 0,
    take: (ms: number) => {
      time.now += ms;
      time.spent += ms;
    },
    sleep: (ms: number) =>
      new Promise<void>((resolve) =>
        sleepers.push(() => {
          time.now += ms;
          resolve();
        }),
      ),
    /** Ends the pause, if there is one. */
    async pass(): Promise<boolean> {
      const wake = sleepers.shift();
      wake?.();
      // The audience goes on in a later turn.
      await new Promise((resolve) => setImmediate(resolve));
      return wake !== undefined;
    },
  };
  return time;
};

/** A subscriber whose query takes some time; it notes every event that it was asked about, and what it missed. */
const member = (take: () => void): Member & { readonly seen: (number | { missed: number })[] } => {
  const seen: (number | { missed: number })[] = [];
  const numberOf = ({ data }: { readonly data: object }) => (data as { n: number }).n;
  return {
    seen,
    judge: () => {
      take();
      return "wanted";
    },
    show: (event) => void seen.push(numberOf(event)),
    miss: (missed) => void (missed > 0 && seen.push({ missed })),
  };
};

const events = (from: number, count: number) => Array.from({ length: count }, (_, n) => delivery({ n: from + n }));
const limits = { queue: 100, queue_size: 1024 * 1024 };

it("shows every event in order, or says how many were missed, whatever the queries take", async () => {
  const costs = fc.array(fc.constantFrom(0, 0.01, 1, 30), { minLength: 1, maxLength: 5 });
  const batches = fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(costs, batches, async (costs, batches) => {
      const time = timeline();
      const audience = new Audience({ limits, sleep: time.sleep, now: () => time.now });
      const members = costs.map((cost) => member(() => time.take(cost)));
      for (const each of members) audience.add(each);
      let count = 0;
      for (const size of batches) {
        const before = time.spent;
        audience.show(events(count, size));
        count += size;
        // What is saved up, and the turn that exceeds it.
        expect(time.spent - before).toBeLessThanOrEqual(10 + 1 + Math.max(...costs));
      }
      while (await time.pass());
      for (const { seen } of members) {
        let next = 0;
        for (const one of seen) {
          if (typeof one === "number") expect(one).toBe(next);
          next += typeof one === "number" ? 1 : one.missed;
        }
        expect(next).toBe(count);
      }
    }),
    { numRuns: 200 },
  );
});

it("lets a cheap query keep up beside many expensive ones", async () => {
  const time = timeline();
  const audience = new Audience({ limits, sleep: time.sleep, now: () => time.now });
  const expensive = Array.from({ length: 100 }, () => member(() => time.take(4)));
  for (const each of expensive) audience.add(each);
  audience.show(events(0, 100));
  while (await time.pass());
  const cheap = member(() => time.take(0.001));
  audience.add(cheap);
  for (let n = 100; n < 10_000; n += 20) {
    audience.show(events(n, 20));
    await time.pass();
  }
  // It was behind at first, while all were new.
  const from = cheap.seen.indexOf(2_000);
  expect(cheap.seen.slice(from)).toEqual(Array.from({ length: 8_000 }, (_, n) => 2_000 + n));
  for (const { seen } of expensive) expect(seen.some((one) => typeof one !== "number")).toBe(true);
});

it("shows nothing of before a subscriber came, and forgets one that left", () => {
  const time = timeline();
  const audience = new Audience({ limits, sleep: time.sleep, now: () => time.now });
  const first = member(() => undefined);
  audience.add(first);
  audience.show(events(0, 3));
  const second = member(() => undefined);
  audience.add(second);
  audience.remove(first);
  audience.show(events(3, 3));
  expect([first.seen, second.seen]).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
});
