import fc from "fast-check";
import { expect, it } from "vitest";
import type { Data } from "weir";
import { memoryState, RecordMeta, runStep, systemClock, testTransform } from "weir/testing";
import throttle from "./throttle.ts";

const start = Date.UTC(2026, 0, 1);
const at = (ms: number, data: Data) => ({ data, meta: new RecordMeta("test", "stream", ms, start + ms) });
const context = { id: "it", clock: systemClock, signal: new AbortController().signal };
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

it("lets through what a bucket of tokens lets through", () => {
  const events = fc.array(fc.tuple(fc.nat(400), fc.constantFrom("a", "b")), { maxLength: 60 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 1, max: 6 }),
      events,
      (limit, every, burst, gaps) => {
        let now = 0;
        const input = gaps.map(([gap, key]) => {
          now += gap;
          return at(now, { key });
        });
        const keeper = throttle.keep({
          ...context,
          log,
          state: memoryState(),
          config: { limit, every, burst, by: ["key"], summary: false },
        });
        const { events: passed } = runStep(typeof keeper === "function" ? keeper : keeper.event, input);
        // The oracle counts in parts of a token, of which `limit` come back in a millisecond.
        const buckets = new Map<unknown, { level: number; at: number }>();
        const wanted = input.filter(({ data, meta }) => {
          const bucket = buckets.get(data["key"]) ?? { level: burst * every, at: meta.ingested };
          const level = Math.min(burst * every, bucket.level + (meta.ingested - bucket.at) * limit);
          buckets.set(data["key"], { level: level >= every ? level - every : level, at: meta.ingested });
          return level >= every;
        });
        expect(passed.map(({ meta }) => meta.position)).toEqual(wanted.map(({ meta }) => meta.position));
      },
    ),
  );
});

const ann = { user: { name: "ann" } };
const config = { limit: 1, every: 1000, by: ["user.name"], summary: true };
const summary = (held_back: number, from: number, end: number, name: string) => ({
  "@timestamp": new Date(start + end).toISOString(),
  event: { kind: "metric" },
  throttle: { held_back, since: new Date(start + from).toISOString(), values: { "user.name": [name] } },
});

testTransform(throttle, [
  {
    name: "passes one a second",
    config: { limit: 1, every: 1000, by: [], summary: false },
    input: [at(0, { n: 1 }), at(999, { n: 2 }), at(1000, { n: 3 }), at(5000, { n: 4 }), at(5001, { n: 5 })],
    output: [{ n: 1 }, { n: 3 }, { n: 4 }],
    dropped: { throttled: 2 },
  },
  {
    name: "tells for each key what it held back",
    config,
    input: [
      at(0, ann),
      at(10, ann),
      at(20, { user: { name: "bob" } }),
      at(30, ann),
      { tick: start + 1010 },
      at(1020, ann),
      at(1030, ann),
      { tick: start + 1_000_000, final: true },
    ],
    output: [ann, { user: { name: "bob" } }, summary(2, 10, 1010, "ann"), ann, summary(1, 1030, 2030, "ann")],
    dropped: { throttled: 3 },
  },
]);
