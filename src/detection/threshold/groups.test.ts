import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { State } from "../../state.ts";
import { memoryState } from "../../transform/memory-state.ts";
import { Quota } from "../eql/testing/quota.ts";
import { Group } from "./group.ts";
import { Groups } from "./groups.ts";
import type { Sighting } from "./sightings.ts";
import { encodeGroup, sightingsText } from "./stored.ts";

const kept = 1_000;
const empty = { alerted: undefined, newest: 0, sightings: [], chunks: [], changes: 0 };

const contentOf = (group: Group | undefined) =>
  group && {
    alerted: group.alerted,
    newest: group.newest,
    sightings: group.timeline.slice(0, group.timeline.length),
  };

const sightingsIn = (times: readonly number[]): readonly Sighting[] =>
  times.map((at) => ({ at, weight: 1, values: at % 3 === 0 ? [`v${at % 7}`] : [] }));

/** Everything that is stored, by scope and key. */
const stored = (state: State) =>
  ["v", "t"].flatMap((prefix) => state.scan(prefix)).concat(state.scope("chunks").scan(""));

type Change = { readonly add: readonly number[] } | { readonly raise: number } | { readonly shorten: number };

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ add: fc.array(fc.nat(400), { minLength: 1, maxLength: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ raise: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ shorten: fc.nat(200) }) },
);

const carryOut = (group: Group, given: Change): void => {
  if ("add" in given) for (const each of sightingsIn(given.add)) group.add(each);
  else if ("raise" in given) group.raised(given.raise);
  else group.shorten({ value: 1, cardinality: 8, window: 50 }, given.shorten);
};

describe("groups of a threshold", () => {
  it("are what was stored last, read again or not, or what they were before if there is no room", () => {
    let refused = 0;
    const step = fc.record({
      key: fc.constantFrom("a", "b"),
      change,
      reopens: fc.boolean(),
      room: fc.option(fc.nat(600)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const quota = new Quota();
        const root = memoryState();
        const open = () => new Groups(quota.on(root, "rule").scope("rule"), kept);
        let groups = open();
        const known = new Map<string, ReturnType<typeof contentOf>>();
        for (const { key, change, reopens, room } of steps) {
          if (reopens) groups = open();
          const group = groups.take(key) ?? new Group(empty);
          carryOut(group, change);
          const content = contentOf(group);
          const before = stored(root.scope("rule"));
          quota.most = room === null ? Number.POSITIVE_INFINITY : quota.total + room;
          if (groups.store(key, group)) known.set(key, content);
          else {
            refused++;
            expect(stored(root.scope("rule"))).toEqual(before);
          }
          for (const each of ["a", "b"]) {
            const again = groups.take(each);
            expect(contentOf(again)).toEqual(known.get(each));
            if (again) groups.putBack(each, again);
          }
        }
        groups.tick(10_000);
        expect(stored(root.scope("rule"))).toEqual([]);
      }),
      { numRuns: process.env["WEIR_LONG"] ? 2_000 : 60 },
    );
    expect(refused).toBeGreaterThan(10);
  });

  it("of an older version, with all sightings in one text, are read and divided", () => {
    const root = memoryState();
    const groups = new Groups(root, kept);
    const sightings = sightingsIn(Array.from({ length: 10_000 }, (_, index) => index)).map((each) =>
      each.at % 5 === 0 ? { ...each, weight: 3 } : each,
    );
    root.set(
      "vold",
      `${"1".padStart(15, "0")}${encodeGroup({ ...empty, newest: 9_999, chunks: "", sightings: sightingsText(sightings) })}`,
    );
    const group = groups.take("old")!;
    expect(contentOf(group)).toEqual({ alerted: undefined, newest: 9_999, sightings });
    group.add({ at: 10_000, weight: 1, values: [] });
    expect(groups.store("old", group)).toBe(true);
    const sizes = stored(root).map(([, value]) => value.length);
    expect(Math.max(...sizes)).toBeLessThan(2_000);
    expect(contentOf(new Groups(root, kept).take("old"))!.sightings).toHaveLength(10_001);
  });

  it("are read again when the host took back what was written", () => {
    const entries = new Map<string, string>();
    const state = (prefix: string): State => ({
      ...memoryState(),
      get: (key) => entries.get(prefix + key),
      set: (key, value) => void entries.set(prefix + key, value),
      delete: (key) => void entries.delete(prefix + key),
      scope: (name) => state(`${prefix}${name}/`),
    });
    const groups = new Groups(state(""), kept);
    const add = (at: number) => {
      const group = groups.take("a") ?? new Group(empty);
      group.add({ at, weight: 1, values: [] });
      groups.store("a", group);
    };
    for (let at = 0; at < 200; at++) add(at);
    const before = new Map(entries);
    // Into a chunk: nothing else changes.
    add(5);
    entries.clear();
    for (const [key, value] of before) entries.set(key, value);
    expect(groups.take("a")!.timeline.length).toBe(200);
  });
});
