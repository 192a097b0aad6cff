import fc from "fast-check";
import { expect, it } from "vitest";
import { RecordMeta, runStep, systemClock } from "weir/testing";
import sample from "./sample.ts";

const context = { id: "it", clock: systemClock, signal: new AbortController().signal };
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const events = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ data: { user: `u${n % 100}`, n }, meta: new RecordMeta("s", "t", n, 0) }));
const passed = (config: Parameters<typeof sample.each>[0]["config"], count = 20_000) => {
  const step = sample.each({ ...context, log, config });
  return runStep(step as never, events(count)).events.map(({ data }) => data as { user: string; n: number });
};

it.each([
  [{ share: 0.1 }, 2_000],
  [{ one_in: 4 }, 5_000],
  [{ share: 1 }, 20_000],
  [{ one_in: 1 }, 20_000],
])("passes about the share of %j, and the same events each time", (config, wanted) => {
  const first = passed(config);
  expect(Math.abs(first.length - wanted)).toBeLessThan(0.1 * wanted + 1);
  expect(passed(config)).toEqual(first);
});

it("passes all events of a key or none", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.05, max: 0.95, noNaN: true }), (share) => {
      const counts = Map.groupBy(passed({ share, by: ["user"] }, 1_000), ({ user }) => user);
      for (const group of counts.values()) expect(group).toHaveLength(10);
    }),
    { numRuns: 20 },
  );
});

it("always passes what is to be kept", () => {
  expect(passed({ share: 0.0001, keep: "user: u7" }, 1_000).filter(({ user }) => user === "u7")).toHaveLength(10);
});

it("needs a share", () => {
  expect(() => passed({})).toThrow('it needs "share" or "one_in"');
});
