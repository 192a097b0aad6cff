import fc from "fast-check";
import { expect, it } from "vitest";
import type { Data } from "weir";
import { fingerprint } from "weir";
import { memoryState, RecordMeta, systemClock, testTransform, transformChecks } from "weir/testing";
import reduce from "./index.ts";
import { mergeBy } from "./merge.ts";

const start = Date.UTC(2026, 0, 1);
const at = (ms: number, data: Data, position = ms) => ({
  data,
  meta: new RecordMeta("test", "stream", position, start + ms),
});
const base = { by: [], pause: 1000, max_events: 1000, max_size: 10_000, merge: {} };

testTransform(reduce, [
  {
    name: "joins the lines of a stack trace",
    config: { ...base, starts_when: "not message: at*", merge: { message: "concat_newline" } },
    input: [
      at(0, { message: "Error: a", level: "error" }),
      at(1, { message: "at x" }),
      at(2, { message: "at y" }),
      at(3, { message: "fine" }),
      { tick: start + 1002 },
      { tick: start + 1003 },
    ],
    output: [
      { message: "Error: a\nat x\nat y", level: "error", reduce: { events: 3 } },
      { message: "fine", reduce: { events: 1 } },
    ],
    consumed: { reduced: 4 },
  },
  {
    name: "merges a request and its response",
    config: { ...base, by: ["id"], ends_when: "status: *" },
    input: [
      at(0, { id: "a", http: { method: "GET" } }),
      at(1, { id: "b", http: { method: "PUT" } }),
      at(2, { id: "a", status: 200, http: { bytes: 12345678901234, method: "x" } }),
      { tick: start + 2000 },
    ],
    output: [
      { id: "a", http: { bytes: 12345678901234, method: "GET" }, status: 200, reduce: { events: 2 } },
      { id: "b", http: { method: "PUT" }, reduce: { events: 1 } },
    ],
  },
  {
    name: "begins a new group when one is full",
    config: { ...base, max_events: 2, merge: { n: "list" } },
    input: [at(0, { n: 1 }), at(1, { n: 2 }), at(2, { n: 3 }), { tick: start + 10_000, final: true }],
    output: [
      { n: [1, 2], reduce: { events: 2 } },
      { n: 3, reduce: { events: 1 } },
    ],
  },
  {
    name: "merges values that are no texts, and long sums",
    config: { ...base, merge: { text: "concat", n: "sum", kinds: "distinct" } },
    input: [
      at(0, { text: { a: 1 }, n: 1e308, kinds: ["x", "x"] }),
      at(1, { text: "b", n: 1e308, kinds: ["y", { z: 1 }, { z: 1 }] }),
      { tick: start + 10_000, final: true },
    ],
    output: [{ text: '{"a":1} b', n: Number.MAX_VALUE, kinds: ["x", "y", { z: 1 }], reduce: { events: 2 } }],
  },
  {
    name: "takes the least and the greatest of numbers only",
    config: { ...base, merge: { least: "min", most: "max", none: "max" } },
    input: [
      at(0, { least: "n/a", most: -3, none: "a" }),
      at(1, { least: 5, most: "n/a", none: "b" }),
      at(2, { least: 7, most: -2 }),
      { tick: start + 10_000, final: true },
    ],
    output: [{ least: 5, most: -2, none: "a", reduce: { events: 3 } }],
  },
  {
    name: "keeps a group below its size",
    config: { ...base, max_size: 100, merge: { text: "concat" } },
    input: [at(0, { text: "x".repeat(60) }), at(1, { text: "y".repeat(60) }), { tick: start + 10_000, final: true }],
    output: [
      { text: "x".repeat(60), reduce: { events: 1 } },
      { text: "y".repeat(60), reduce: { events: 1 } },
    ],
  },
]);

it("merges objects without touching those of an event, and __proto__ is a name", () => {
  const merging = mergeBy({ n: "sum", tags: "distinct", "a.b": "list" });
  const last = JSON.parse('{"a":{"b":2,"c":3},"n":"x","tags":[1,2],"__proto__":{"y":1},"d":{"e":1}}') as Data;
  const before = JSON.stringify(last);
  const parsed = () => [
    JSON.parse('{"a":{"b":1},"n":1,"tags":[1],"__proto__":{"x":1}}') as Data,
    JSON.parse('{"a":5,"n":2,"tags":[3,1],"d":7}') as Data,
  ];
  expect(JSON.stringify(merging([...parsed(), last]))).toBe(
    '{"a":{"b":[1,2],"c":3},"n":3,"tags":[1,3,2],"__proto__":{"x":1,"y":1},"d":7}',
  );
  expect(JSON.stringify(merging([last, ...parsed().slice(1)]))).toContain('"d":{"e":1}');
  expect(merging([{ a: 5 }, { a: { b: 1 } }, { a: { b: 2 } }])).toEqual({ a: 5 });
  expect(JSON.stringify(last)).toBe(before);
});

it("refuses a size that one tick could not send", () => {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const signal = new AbortController().signal;
  const config = { ...base, max_size: 2 ** 24 };
  expect(() => reduce.keep({ id: "it", clock: systemClock, signal, log, state: memoryState(), config })).toThrow(
    '"max_size" can be 8MiB at most',
  );
});

it("gives what plain loops give, however batches are cut and runs are restarted", async () => {
  const events = fc.array(fc.tuple(fc.nat(80), fc.constantFrom("a", "b"), fc.boolean()), { maxLength: 15 });
  await fc.assert(
    fc.asyncProperty(events, async (gaps) => {
      let now = 0;
      const input = gaps.map(([gap, key, end], index) => {
        now += gap;
        return at(now, { key, n: index, ...(end && { end }) }, index);
      });
      const open = new Map<string, { n: number[]; end?: true }>();
      const output: Data[] = [];
      const send = (key: string) => {
        const { n, end } = open.get(key)!;
        output.push({ key, n: n.length === 1 ? n[0] : n, ...(end && { end }), reduce: { events: n.length } });
        open.delete(key);
      };
      for (const { data } of input) {
        const [key, n, end] = [data["key"] as string, data["n"] as number, data["end"]];
        const group = open.get(key) ?? { n: [] };
        group.n.push(n);
        if (end) group.end = true;
        open.set(key, group);
        if (end || group.n.length === 4) send(key);
      }
      // What is left is sent in the order of the times at which a group was first due, then of the keys.
      const first = (key: string) => input[open.get(key)!.n[0]!]!.meta.ingested;
      const order = (key: string) => `${first(key)} ${fingerprint(JSON.stringify([[key]]))}`;
      for (const key of [...open.keys()].sort((a, b) => (order(a) < order(b) ? -1 : 1))) send(key);
      const config = { ...base, by: ["key"], ends_when: "end: true", max_events: 4, merge: { n: "list" } };
      const one = { name: "random", config, input: [...input, { tick: start + 10_000_000, final: true }], output };
      for (const check of transformChecks(reduce, [one])) await check.run();
      expect(output.reduce((sum, one) => sum + (one["reduce"] as { events: number }).events, 0)).toBe(input.length);
    }),
    { numRuns: process.env["WEIR_LONG"] ? 150 : 15 },
  );
});

it("keeps the first of values that are nested too deep for a list of them", () => {
  const deep = Array.from({ length: 510 }).reduce<Data>((inner) => ({ a: inner }), { a: 1 });
  expect(mergeBy({ f: "list" })([{ f: deep }, { f: deep }])).toEqual({ f: deep });
});
