import fc from "fast-check";
import { expect, it } from "vitest";
import type { Data, Json, Keeper } from "weir";
import { ExactNumber } from "weir/fields";
import { memoryState, RecordMeta, testTransform, transformChecks } from "weir/testing";
import { compileAggregate } from "./functions.ts";
import aggregate from "./index.ts";
import { emptySketch, quantileOf, withNumbers } from "./sketch.ts";
import { Windows } from "./windows.ts";

const start = Date.UTC(2026, 0, 1);
const at = (ms: number, data: Data, position = ms) => ({
  data,
  meta: new RecordMeta("test", "stream", position, start + ms),
});
const iso = (ms: number) => new Date(start + ms).toISOString();
const functionsOf = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([field, text]) => [field, compileAggregate(text)]));

const base = { by: [], window: 1000, timestamp: "event.ingested", lateness: 100, idle: 5000 };

/** What plain loops over all events say, for windows by the time of ingestion. */
const oracle = (events: readonly ReturnType<typeof at>[], window: number, slide: number): Data[] => {
  const groups = new Map<string, { end: number; key: string | undefined; all: Data[] }>();
  for (const { data, meta } of events) {
    const ms = meta.ingested;
    for (let end = (Math.floor(ms / slide) + 1) * slide; end - window <= ms; end += slide) {
      const id = `${end} ${data["key"]}`;
      const group = groups.get(id) ?? { end, key: data["key"] as string | undefined, all: [] };
      groups.set(id, group);
      group.all.push(data);
    }
  }
  const idOf = ({ end, key }: { end: number; key: string | undefined }) => Windows.idOf(end, [key ?? null]);
  const ordered = [...groups.values()].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  return ordered.map(({ end, key, all }) => {
    const numbers = all.map(({ n }) => n as number);
    return {
      "@timestamp": new Date(end).toISOString(),
      window: { start: new Date(end - window).toISOString(), end: new Date(end).toISOString() },
      ...(key !== undefined && { key }),
      count: all.length,
      sum: numbers.reduce((a, b) => a + b, 0),
      min: Math.min(...numbers),
      max: Math.max(...numbers),
      avg: numbers.reduce((a, b) => a + b, 0) / numbers.length,
      distinct: new Set(numbers).size,
      values: [...new Set(numbers)].map(String),
      first: numbers[0],
      last: numbers.at(-1),
    };
  });
};

const all = functionsOf({
  count: "count",
  sum: "sum(n)",
  min: "min(n)",
  max: "max(n)",
  avg: "avg(n)",
  distinct: "distinct(n)",
  values: "values(n)",
  first: "first(n)",
  last: "last( n )",
});

it("gives for each window and key what plain loops give, however batches are cut and runs are restarted", async () => {
  const events = fc.array(
    fc.tuple(fc.nat(400), fc.constantFrom("a", "b", undefined), fc.integer({ min: -5, max: 5 })),
    { maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom([1000, 1000], [1000, 250], [300, 100]),
      events,
      async ([window = 0, slide = 0], gaps) => {
        let now = 0;
        const input = gaps.map(([gap, key, n], index) => {
          now += gap;
          return at(now, { ...(key && { key }), n }, index);
        });
        const config = { ...base, by: ["key"], window, slide, values: all };
        const output = oracle(input, window, slide);
        const one = { name: "random", config, input: [...input, { tick: start + 10_000_000, final: true }], output };
        for (const check of transformChecks(aggregate, [one])) await check.run();
      },
    ),
    { numRuns: process.env["WEIR_LONG"] ? 150 : 15 },
  );
});

const counting = { ...base, values: functionsOf({ count: "count" }) };
const window = (from: number, end: number, more: Data) => ({
  "@timestamp": iso(end),
  window: { start: iso(from), end: iso(end) },
  ...more,
});

testTransform(aggregate, [
  {
    name: "closes windows at their end",
    config: counting,
    input: [
      at(0, {}),
      at(999, {}),
      { tick: start + 1000 },
      at(1000, {}),
      at(2500, {}),
      { tick: start + 2500 },
      { tick: start + 3000 },
    ],
    output: [window(0, 1000, { count: 2 }), window(1000, 2000, { count: 1 }), window(2000, 3000, { count: 1 })],
    consumed: { aggregated: 4 },
  },
  {
    name: "closes windows by the time of events, and consumes what is late",
    config: { ...counting, timestamp: "time" },
    input: [
      at(5000, { time: iso(100) }),
      at(5001, { time: iso(1050) }),
      at(5002, { time: iso(900) }),
      at(5003, { time: iso(1101) }),
      { tick: start + 5003 },
      at(5004, { time: iso(950) }),
      at(5005, { time: iso(1050) }),
      { tick: start + 20_000, idle: 6000 },
    ],
    output: [window(0, 1000, { count: 2 }), window(1000, 2000, { count: 3 })],
    consumed: { aggregated: 5, late: 1 },
  },
  {
    name: "is not misled by a clock that is ahead",
    config: { ...counting, timestamp: "time" },
    input: [at(100, { time: iso(90_000_000) }), at(200, { time: iso(200) }), { tick: start + 1_000_000, final: true }],
    output: [window(0, 1000, { count: 1 }), window(90_000_000, 90_001_000, { count: 1 })],
  },
  {
    name: "has no late events because of a clock that is far ahead, also when nothing came for a while",
    config: { ...counting, timestamp: "time" },
    input: [
      at(0, { time: "9999-01-01T00:00:00Z" }),
      { tick: start + 6000, idle: 6000 },
      at(7000, { time: iso(7000) }),
      at(7001, { time: "9999-01-01T00:00:00Z" }),
      { tick: start + 14_000, idle: 6000 },
    ],
    output: [
      window(Date.UTC(9999, 0) - start, Date.UTC(9999, 0) - start + 1000, { count: 1 }),
      window(7000, 8000, { count: 1 }),
      window(Date.UTC(9999, 0) - start, Date.UTC(9999, 0) - start + 1000, { count: 1 }),
    ],
    consumed: { aggregated: 3 },
  },
  {
    name: "has a field that is part of another beside it",
    config: { ...counting, by: ["a", "a.b"] },
    input: [at(0, { a: "x", "a.b": "y" }), { tick: start + 1000 }],
    output: [window(0, 1000, { a: "x", "a.b": "y", count: 1 })],
  },
  {
    name: "counts an array in a field of by for each of its values",
    config: { ...counting, by: ["tags"] },
    input: [at(0, { tags: ["a", "b"] }), at(1, { tags: "a" }), at(2, {}), { tick: start + 1000 }],
    output: [
      window(0, 1000, { tags: "a", count: 2 }),
      window(0, 1000, { count: 1 }),
      window(0, 1000, { tags: "b", count: 1 }),
    ],
  },
  {
    name: "rejects events without a time",
    config: { ...counting, timestamp: "time" },
    input: [at(0, { time: "yesterday" }), at(1, {}), at(2, { time: "node 1" })],
    output: [],
    rejected: { no_timestamp: 3 },
  },
  {
    name: "rejects an event whose many values would be read for each of many groups",
    config: { ...base, values: functionsOf({ sum: "sum(n)" }), by: ["a"] },
    input: [
      at(0, { a: Array.from({ length: 100 }, (_, n) => n), n: Array(20_000).fill(1) }),
      at(1, { a: "x", n: Array(20_000).fill(1) }),
      { tick: start + 1000 },
    ],
    output: [window(0, 1000, { a: "x", sum: 20_000 })],
    rejected: { too_many_values: 1 },
  },
  {
    name: "rejects an event with too many groups, however many there would be",
    config: { ...counting, by: ["a", "b"] },
    input: [at(0, { a: Array.from({ length: 100 }, (_, n) => n), b: Array.from({ length: 200_000 }, (_, n) => n) })],
    output: [],
    rejected: { too_many_values: 1 },
  },
]);

it("finds percentiles to about one percent", () => {
  const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(numbers, fc.constantFrom(0.5, 0.9, 0.99, 1), (list, share) => {
      const sorted = list.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(share * list.length)) - 1]!;
      const found = quantileOf(withNumbers(withNumbers(emptySketch, list.slice(0, 3)), list.slice(3)), share)!;
      expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.0101);
    }),
  );
});

it.each([
  ["count", undefined],
  ["sum", '"sum" needs a field'],
  ["median(x)", "functions are count, distinct, sum"],
  ["sum(a, 5)", '"sum" has one argument'],
  ["percentile(a, 101)", "a percentile is at most 100"],
  ["percentile(a, 99.9)", undefined],
])("%s", (text, message) => {
  if (message === undefined) expect(() => compileAggregate(text)).not.toThrow();
  else expect(() => compileAggregate(text)).toThrow(message);
});

it("keeps the numbers of a window finite, and with their own digits", () => {
  const run = (text: string, ...values: unknown[]) => {
    const { add, empty, result } = compileAggregate(text);
    return result(values.reduce<Json>((memory, v) => add(memory, { v }), empty));
  };
  expect(run("sum(v)", 1e308, 1e308, 1)).toBe(Number.MAX_VALUE);
  expect(run("avg(v)", -1e308, -1e308)).toBe(-Number.MAX_VALUE / 2);
  expect(run("percentile(v, 50)", -Number.MAX_VALUE)).toBe(-Number.MAX_VALUE);
  const windows = new Windows(memoryState(), false);
  const id = Windows.idOf(1, []);
  windows.set(id, { end: 1, group: [], memories: [new ExactNumber("9007199254740993") as never] });
  expect(String(windows.get(id)!.memories[0])).toBe("9007199254740993");
});

it("reads a time without a zone as UTC, whatever the zone of the machine", () => {
  const zone = process.env["TZ"];
  process.env["TZ"] = "America/New_York";
  try {
    const made = aggregate.keep!({ config: { ...counting, timestamp: "time" }, state: memoryState() } as never);
    const state: Data[] = [];
    const { event, tick } = made as Keeper;
    event(at(0, { time: iso(100).slice(0, -1) }), { note: () => undefined, mark: 0, emit: () => true } as never);
    const emit = ({ data }: { readonly data: Data }) => state.push(data) > 0;
    tick!({ now: start, idle: 0, final: true, epoch: 0, note: () => undefined, emit } as never);
    expect(state).toEqual([window(0, 1000, { count: 1 })]);
  } finally {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  }
});

it("merges the lowest buckets when there are too many", () => {
  const numbers = Array.from({ length: 5000 }, (_, index) => 1.021 ** index * 1e-20);
  const sketch = withNumbers(emptySketch, numbers);
  expect(Object.keys(sketch.positive)).toHaveLength(2048);
  expect(Object.values(sketch.positive).reduce((sum, count) => sum + count)).toBe(5000);
  expect(quantileOf(sketch, 1)! / numbers.at(-1)!).toBeCloseTo(1, 1);
});
