import fc from "fast-check";
import { expect, it } from "vitest";
import type { Data } from "weir";
import { memoryState, RecordMeta, runStep, systemClock, testTransform } from "weir/testing";
import dedupe from "./dedupe.ts";

const start = Date.UTC(2026, 0, 1);
const at = (ms: number, data: Data) => ({ data, meta: new RecordMeta("test", "stream", ms, start + ms) });
const context = { id: "it", clock: systemClock, signal: new AbortController().signal };
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

it("passes an event if none of its kind passed within the window", () => {
  const events = fc.array(fc.tuple(fc.nat(50), fc.constantFrom("a", "b", undefined), fc.constantFrom(1, 2)), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), events, (window, gaps) => {
      let now = 0;
      const input = gaps.map(([gap, a, b]) => {
        now += gap;
        return at(now, { ...(a && { a }), b });
      });
      const keeper = dedupe.keep({ ...context, log, state: memoryState(), config: { fields: ["a", "b"], window } });
      const { events: passed } = runStep(typeof keeper === "function" ? keeper : keeper.event, input);
      const last = new Map<string, number>();
      const wanted = input.filter(({ data, meta }) => {
        const key = JSON.stringify([data["a"], data["b"]]);
        if (meta.ingested < (last.get(key) ?? Number.NEGATIVE_INFINITY) + window) return false;
        last.set(key, meta.ingested);
        return true;
      });
      expect(passed.map(({ meta }) => meta.position)).toEqual(wanted.map(({ meta }) => meta.position));
    }),
  );
});

testTransform(dedupe, [
  {
    name: "passes events without any of the fields",
    config: { fields: ["id", "other"], window: 1000 },
    input: [at(0, { n: 1 }), at(1, { n: 2 }), at(2, { other: 1 }), at(3, { other: 1 })],
    output: [{ n: 1 }, { n: 2 }, { other: 1 }],
    consumed: { duplicate: 1 },
  },
  {
    name: "opens a window that repeats do not prolong",
    config: { fields: ["id"], window: 1000 },
    input: [
      at(0, { id: 1 }),
      at(900, { id: 1 }),
      at(999, { id: 1 }),
      { tick: start + 1000 },
      at(1000, { id: 1, n: 2 }),
    ],
    output: [{ id: 1 }, { id: 1, n: 2 }],
    consumed: { duplicate: 2 },
  },
  {
    name: "remembers a window that began before the tick at the end of the one before",
    config: { fields: ["id"], window: 1000 },
    input: [at(0, { id: 1 }), at(1000, { id: 1, n: 2 }), { tick: start + 1000 }, at(1001, { id: 1 })],
    output: [{ id: 1 }, { id: 1, n: 2 }],
    consumed: { duplicate: 1 },
  },
  {
    name: "forgets everything when the time ends",
    config: { fields: ["id"], window: 1000 },
    input: [at(0, { id: 1 }), { tick: start + 10, final: true }, at(20, { id: 1 })],
    output: [{ id: 1 }, { id: 1 }],
  },
]);
