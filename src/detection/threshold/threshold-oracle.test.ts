import fc from "fast-check";
import { expect, it } from "vitest";
import type { Event } from "../../event.ts";
import { fingerprint as hash } from "../../fingerprint.ts";
import { KeepRun } from "../../testing/keep-run.ts";
import { detect } from "../detect.ts";
import { refusing } from "../testing/refusing.ts";
import { PlainThreshold } from "./testing/plain-threshold.ts";
import { ahead, eventOf, lateness, type Opened, ruleOf, start, window } from "./testing/rule.ts";

const user = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("ada", "ben") },
  { weight: 1, arbitrary: fc.constantFrom(["ada", "ben"], ["ben"], undefined) },
);

const moment = fc.record({
  step: fc.nat(25),
  /** More than `lateness` now and then. */
  late: fc.oneof({ weight: 9, arbitrary: fc.nat(lateness) }, { weight: 1, arbitrary: fc.nat(3 * lateness) }),
  user,
  door: fc.constantFrom("a", "b", "a", "b", ["a", "b"], [], "c"),
  /** Another part of the pipeline refuses the event. */
  fails: fc.integer({ min: 0, max: 19 }).map((chance) => chance === 0),
  /** A tick comes after it, and nothing has come for so long before it. */
  idle: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.nat(200) },
  ),
  restarts: fc.integer({ min: 0, max: 29 }).map((chance) => chance === 0),
});

type Moment = Omit<typeof moment extends fc.Arbitrary<infer M> ? M : never, "step" | "late"> & Opened;

const streamOf = (isDense: boolean): fc.Arbitrary<readonly Moment[]> =>
  fc.array(moment, { minLength: isDense ? 140 : 0, maxLength: isDense ? 250 : 60, size: "max" }).map((list) => {
    let latest = 3 * lateness;
    return list.map(({ step, late, ...rest }) => {
      const forward = isDense ? Number(step > 20) : step;
      const at = late < 20 ? latest + forward : latest - late;
      latest = Math.max(latest, at);
      return { at, ...rest };
    });
  });

const fields = fc.constantFrom(["user"], []);
const door = "door.name";

/** Few events, or so many that they are divided into chunks, or so many without enough values that those at one time are merged. */
const cases = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      value: fc.integer({ min: 1, max: 5 }),
      fields,
      cardinality: fc.constantFrom([], [{ field: door, value: 2 }], [{ field: door, value: 3 }]),
      stream: streamOf(false),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      value: fc.integer({ min: 40, max: 100 }),
      fields,
      cardinality: fc.constantFrom([], [{ field: door, value: 3 }]),
      stream: streamOf(true),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      value: fc.integer({ min: 1, max: 4 }),
      fields,
      cardinality: fc.constant([{ field: door, value: 3 }]),
      stream: streamOf(true).map((list) =>
        list.map((each) => (each.door === "c" && each.at % 50 > 2 ? { ...each, door: "b" } : each)),
      ),
    }),
  },
);

const build = (rule: ReturnType<typeof ruleOf>) => refusing((state) => detect({ rules: [rule], state, hash }));

/** The group of an alert, and what is counted. */
const alertOf = ({ data }: Event) => {
  const { terms, count, from } = data["kibana.alert.threshold_result"] as {
    readonly terms: readonly { readonly value: string }[];
    readonly count: number;
    readonly from: string;
  };
  const to = Date.parse(data["kibana.alert.original_time"] as string) - start;
  return { group: terms[0]?.value ?? "", from: Date.parse(from) - start, to, count };
};

/** All groups, each by itself, and which of them are forgotten. */
class Oracle {
  readonly #groups = new Map<string, PlainThreshold>();
  readonly #rule: ReturnType<typeof ruleOf>["threshold"];
  /** The latest event. */
  #last = { at: Number.NEGATIVE_INFINITY, host: 0 };

  constructor(rule: ReturnType<typeof ruleOf>) {
    this.#rule = rule.threshold;
  }

  add({ at, user, door }: Opened, host: number): readonly ReturnType<typeof alertOf>[] {
    const { fields, value, cardinality } = this.#rule;
    if (at > this.#last.at) this.#last = { at, host };
    const wanted = { value, cardinality: cardinality[0]?.value ?? 0, window, lateness };
    const users = [user ?? []].flat();
    return (fields.length === 0 ? [""] : users).flatMap((name) => {
      const group = this.#groups.get(name) ?? new PlainThreshold(wanted);
      this.#groups.set(name, group);
      const alert = group.add({ at, values: [door].flat() });
      return alert ? [{ group: name, ...alert }] : [];
    });
  }

  tick(host: number, idle: number): void {
    const now = this.#last.at + Math.max(0, Math.min(host - this.#last.host, idle));
    for (const [name, { end }] of this.#groups) if (end < now) this.#groups.delete(name);
  }
}

it("any stream raises the alerts of a plain loop, with disorder, late events, ticks, restarts and refused events", () => {
  let raised = 0;
  let large = 0;
  fc.assert(
    fc.property(cases, ({ stream, ...threshold }) => {
      const rule = ruleOf(threshold);
      const oracle = new Oracle(rule);
      const run = new KeepRun({ id: "rules", outputs: [], build: build(rule) });
      for (const [index, { fails, idle, restarts, ...opened }] of stream.entries()) {
        if (restarts) run.restart();
        const before = run.result.sent.length;
        const event = eventOf(opened, index);
        run.batch([{ ...event, data: { ...event.data, fails } }]);
        const found = run.result.sent.slice(before).map((sent) => alertOf(sent.event));
        const expected = fails ? [] : oracle.add(opened, index);
        // Most events raise nothing, and there are a million of them.
        if (found.length + expected.length > 0) expect(found).toEqual(expected);
        raised += found.length;
        large += found.filter(({ count }) => count > 70).length;
        if (idle === undefined) continue;
        run.oneTick({ tick: start + ahead + index, idle });
        oracle.tick(index, idle);
      }
      expect(run.result.rejected.every(({ message }) => message.includes("refused"))).toBe(true);
    }),
    { numRuns: process.env["WEIR_LONG"] ? 10_000 : 250 },
  );
  expect(raised).toBeGreaterThan(100);
  expect(large).toBeGreaterThan(0);
});
