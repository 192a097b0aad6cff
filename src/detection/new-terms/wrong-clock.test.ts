import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, RecordMeta } from "../../event.ts";
import { fingerprint as hash } from "../../fingerprint.ts";
import type { State } from "../../state.ts";
import { memoryState } from "../../transform/memory-state.ts";
import { runStep } from "../../transform/run-step.ts";
import { timeText } from "../event-time.ts";
import { newTerms } from "./new-terms.ts";

const hour = 3_600_000;
const day = 24 * hour;
const year = 365 * day;
const start = Date.UTC(2026, 3, 1);
const window = day;

/** An event that arrives when the clock of weir shows `clock`; its own time is that of another clock. */
interface Arrival {
  readonly user: string;
  readonly clock: number;
  readonly at?: number;
}

let position = 0;
const eventOf = ({ user, clock, at = clock }: Arrival): Event => ({
  data: { user, at: timeText(at) },
  meta: new RecordMeta("doors", "log", position++, clock),
});

/** Runs the step over the arrivals; says of each whether it was new. */
const newness = (
  arrivals: readonly Arrival[],
  { timestamp = "event.ingested", state = memoryState() } = {},
): boolean[] => {
  const step = newTerms({ id: "doors", fields: ["user"], window, timestamp, state, hash });
  return arrivals.map((arrival) => runStep(step, [eventOf(arrival)]).events.length > 0);
};

const often = (user: string, from: number, count: number, step = hour): Arrival[] =>
  Array.from({ length: count }, (_, index) => ({ user, clock: from + index * step }));

/** Each axis, with the clock of the machine that writes the events right or as wrong as that of weir. */
const axes = ["event.ingested", "at"] as const;

describe.each(axes)("a clock that is wrong, by %s", (timestamp) => {
  it.each([9 * hour, 45 * day, 30 * year, -9 * hour, -45 * day, -30 * year])(
    "is off by %d ms for one event: history is as before, nothing repeated is new",
    (off) => {
      const found = newness(
        [
          ...often("ann", start, 2),
          { user: "bob", clock: start + 2 * hour + off },
          ...often("ann", start + 2 * hour, 60),
        ],
        { timestamp },
      );
      expect(found).toEqual([true, false, true, ...new Array(60).fill(false)]);
    },
  );

  it.each([45 * day, 30 * year, -30 * year])(
    "is off by %d ms for months and is set right: each term is new once more at most",
    (off) => {
      const months = often("ann", start + off, 2000);
      const after = often("ann", start + 2000 * hour, 300);
      const found = newness([...often("ann", start, 3), ...months, ...after], { timestamp });
      const isNew = found.map((one, index) => (one ? index : -1)).filter((index) => index >= 0);
      // A clock that was ahead by less than those months leaves sightings in what is now the last window.
      expect(isNew).toEqual([0, 3, ...(off === 45 * day ? [] : [2003])]);
    },
  );

  it("jumps with every event: a term that is known stays known", () => {
    const jumps = often("ann", start, 200).map((one, index) =>
      index % 2 === 0 ? one : { user: "bob", clock: start + index * year },
    );
    const ofAnn = newness(jumps, { timestamp }).filter((_, index) => index % 2 === 0);
    expect(ofAnn).toEqual([true, ...new Array(99).fill(false)]);
  });

  it("forgets old terms again when the clock is right", () => {
    const state = memoryState();
    const many = (from: number, prefix: string): Arrival[] =>
      Array.from({ length: 50 }, (_, index) => ({ user: `${prefix}${index}`, clock: from + index }));
    const wrong = [...many(start + year, "wrong"), ...often("ann", start + year, 200)];
    newness([...many(start, "old"), ...wrong, ...often("ann", start + 200 * hour, 600)], { timestamp, state });
    // The horizon and ann, with one key for the term and its combination.
    expect(state.scan("")).toHaveLength(2);
  });

  it("poisoned the history of an earlier version: everything is remembered at once", () => {
    const state = memoryState();
    newness(often("ann", start, 2), { timestamp, state });
    const horizon = keyOfHorizon(state);
    state.set(horizon, String(start + year));
    state.sweep(start + year - window);
    const found = newness(often("ann", start + 2 * hour, 100), { timestamp, state });
    expect(found).toEqual([true, ...new Array(99).fill(false)]);
  });
});

/** The only value that is padded. */
const keyOfHorizon = (state: State): string => state.scan("").find(([, value]) => value.endsWith(" "))![0];

it("judges events of machines whose clocks are years off by their own times", () => {
  const found = newness(
    Array.from({ length: 300 }, (_, index) => ({
      user: index % 2 === 0 ? "ann" : "bob",
      clock: start + index * hour,
      at: index % 2 === 0 ? start + index * hour : start - year + index * hour,
    })),
    { timestamp: "at" },
  );
  expect(found).toEqual([true, true, ...new Array(298).fill(false)]);
});

it("knows a term that was just seen, whatever the clocks did before", () => {
  const clocks = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 6 * hour }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(-year, year, -2 * day, 2 * day, -50 * year, 30 * day, -30 * day, 9 * hour),
      },
    ),
    { maxLength: 120 },
  );
  const times = fc.constantFrom(...axes);
  fc.assert(
    fc.property(
      clocks,
      fc.array(fc.constantFrom("ann", "bob", "cleo"), { minLength: 120, maxLength: 120 }),
      times,
      (steps, users, timestamp) => {
        let clock = start;
        const arrivals = steps.flatMap((step, index) => {
          clock += step;
          return [
            { user: users[index]!, clock },
            { user: users[index]!, clock: clock + 1 },
          ];
        });
        const found = newness(arrivals, { timestamp });
        expect(found.filter((isNew, index) => isNew && index % 2 === 1)).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

it("keeps verdicts exact while a wrong clock is corrected within the window", () => {
  const users = fc.constantFrom("ann", "bob", "cleo", "dora");
  const phase = (max: number) => fc.array(fc.tuple(users, fc.integer({ min: 1, max: 4 * hour })), { maxLength: max });
  fc.assert(
    fc.property(
      phase(60),
      phase(5),
      fc.constantFrom(year, 40 * day, -year),
      phase(60),
      fc.constantFrom(...axes),
      (before, wrong, off, after, timestamp) => {
        let clock = start;
        const arrive = (all: readonly (readonly [string, number])[], shift: number) =>
          all.map(([user, step]) => {
            clock += step;
            return { user, clock: clock + shift };
          });
        const arrivals = [...arrive(before, 0), ...arrive(wrong, off), ...arrive(after, 0)];
        const seen = new Map<string, number[]>();
        const expected = arrivals.map(({ user, clock: at }) => {
          const times = seen.get(user) ?? [];
          seen.set(user, [...times, at]);
          return !times.some((time) => time <= at && at <= time + window);
        });
        expect(newness(arrivals, { timestamp })).toEqual(expected);
      },
    ),
    { numRuns: 300 },
  );
});
