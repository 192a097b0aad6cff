import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainly, type Step } from "../testing/plain-sequences.ts";
import { SequenceMatcher } from "./matcher.ts";
import type { SequencePlan } from "./plan.ts";
import type { SequenceState } from "./state.ts";

/** Runs one key's events; the state is written and read before each. */
const run = (plan: SequencePlan, steps: readonly Step[]): (number | undefined)[][] => {
  const matcher = new SequenceMatcher<number>(plan);
  let state: SequenceState<number> = matcher.empty();
  const found: (number | undefined)[][] = [];
  const add = (complete: ReturnType<typeof matcher.tick>) =>
    found.push(...complete.map((events) => events.map((reached) => reached?.[1])));
  for (const [reference, step] of steps.entries()) {
    const written = matcher.write(state);
    state = written ? matcher.read(JSON.parse(JSON.stringify(written))) : matcher.empty();
    add(matcher.accept(state, { ...step, reference }));
  }
  add(matcher.tick(state, Number.POSITIVE_INFINITY));
  return found;
};

/** Letters stand for stages in order, `!` for the event after `until`; each word is an event, and its number the time. */
const steps = (text: string): Step[] =>
  text.split(" ").map((word) => ({
    time: Number(word.replace(/\D/g, "")),
    stages: [...word.replace(/[^A-Z]/g, "")].map((letter) => letter.charCodeAt(0) - 65),
    isUntil: word.includes("!"),
  }));

const foundIn = (plan: Partial<SequencePlan> & { missing: readonly boolean[] }, text: string) => {
  const events = steps(text);
  return run({ maxspan: undefined, ...plan }, events).map((sequence) =>
    sequence.map((reference) => (reference === undefined ? "-" : text.split(" ")[reference])).join(" "),
  );
};

const two = [false, false];
const three = [false, false, false];

describe("a sequence", () => {
  it.each<[string, readonly boolean[], string, readonly string[]]>([
    ["is its events in order", two, "A1 B2", ["A1 B2"]],
    ["needs its first event", two, "B1 A2", []],
    ["begins with the last of several", two, "A1 A2 B3", ["A2 B3"]],
    ["ends with the first of several", two, "A1 B2 B3", ["A1 B2"]],
    ["may follow another one", two, "A1 B2 A3 B4", ["A1 B2", "A3 B4"]],
    ["may begin while another one goes on", three, "A1 B2 A3 C4 B5 C6", ["A1 B2 C4", "A3 B5 C6"]],
    ["replaces one in the same stage", three, "A1 B2 A3 B4 C5", ["A3 B4 C5"]],
    ["has no event twice", two, "AB1 AB2 AB3", ["AB1 AB2", "AB2 AB3"]],
    ["may have events of one time", two, "A1 B1", ["A1 B1"]],
    ["ends at until", two, "A1 !2 B3", []],
    ["is not undone by an until after it", two, "A1 B2 !3", ["A1 B2"]],
    ["ends at an until that is one of its events", two, "A1 A2! B3", []],
    ["may end with the event of until", two, "A1 B2!", ["A1 B2!"]],
  ])("%s", (_, missing, events, found) => {
    expect(foundIn({ missing }, events)).toEqual(found);
  });

  it("takes no longer than maxspan", () => {
    expect(foundIn({ missing: two, maxspan: 10 }, "A1 B11")).toEqual(["A1 B11"]);
    expect(foundIn({ missing: two, maxspan: 10 }, "A1 B12")).toEqual([]);
  });
});

describe("an event that must be missing", () => {
  it.each<[string, readonly boolean[], string, readonly string[]]>([
    ["between two", [false, true, false], "A1 C3 A4 B5 C6", ["A1 - C3"]],
    ["but not at their own time", [false, true, false], "A1 B1 B3 C3", ["A1 - C3"]],
    ["before", [true, false], "A1 B9 B12 A13 B15", ["- B12"]],
    ["after", [false, true], "A1 B11 A20 B31", ["A20 -"]],
    ["before or after, in any time of maxspan", [true, false, true], "A1 B6 C11 A20 B25 C31", ["- B25 -"]],
  ])("%s", (_, missing, events, found) => {
    expect(foundIn({ missing, maxspan: 10 }, events)).toEqual(found);
  });

  it("still takes the place of another sequence", () => {
    // A4 with B7 is in vain because of D5, but C8 goes to it, and not to A1 with B2.
    const missing = [false, true, false, false];
    expect(foundIn({ missing, maxspan: 100 }, "A1 C2 A4 B5 C7 D8")).toEqual([]);
    expect(foundIn({ missing, maxspan: 100 }, "A1 C2 A4 B5 D6")).toEqual(["A1 - C2 D6"]);
  });

  it("is waited for until maxspan is over", () => {
    const matcher = new SequenceMatcher<string>({ missing: [false, true], maxspan: 10 });
    const state = matcher.empty();
    expect(matcher.accept(state, { time: 5, reference: "a", stages: [0], isUntil: false })).toEqual([]);
    expect(matcher.nextTick(state)).toBe(15);
    expect(matcher.tick(state, 15)).toEqual([]);
    expect(matcher.tick(state, 16)).toEqual([[[5, "a"], undefined]]);
    expect(matcher.write(state)).toBeUndefined();
  });
});

it("does not let more wait than its limit, and says which it drops", () => {
  const dropped: unknown[] = [];
  const matcher = new SequenceMatcher<number>(
    { missing: [false, true], maxspan: 10 },
    { mostWaiting: 2, dropped: (events) => dropped.push(events) },
  );
  const state = matcher.empty();
  for (const time of [1, 2, 3]) matcher.accept(state, { time, reference: time, stages: [0], isUntil: false });
  expect(dropped).toEqual([[[3, 3]]]);
  expect(matcher.tick(state, 100)).toEqual([
    [[1, 1], undefined],
    [[2, 2], undefined],
  ]);
});

it("forgets what is older than maxspan", () => {
  const matcher = new SequenceMatcher<number>({ missing: [true, false, false], maxspan: 10 });
  const state = matcher.empty();
  matcher.accept(state, { time: 1, reference: 0, stages: [0], isUntil: false });
  matcher.accept(state, { time: 5, reference: 1, stages: [1], isUntil: false });
  expect(matcher.write(state)).toEqual([[[1, [[5, 1]], 1, 0]], [[0, 1, null]], []]);
  matcher.tick(state, 12);
  expect(matcher.write(state)).toEqual([[[1, [[5, 1]], 1, 0]], [], []]);
  matcher.tick(state, 16);
  expect(matcher.write(state)).toBeUndefined();
});

const plan: fc.Arbitrary<SequencePlan> = fc
  .record({
    missing: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }).filter((all) => all.includes(false)),
    maxspan: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  })
  .map(({ missing, maxspan }) => ({ missing, maxspan: maxspan ?? (missing.includes(true) ? 5 : undefined) }));

/** A stream for a plan of so many stages: random events, and now and then all stages in order. */
const streamFor = (count: number): fc.Arbitrary<Step[]> => {
  const isUntil = fc.integer({ min: 0, max: 9 }).map((one) => one === 0);
  const pause = fc.integer({ min: 0, max: 3 });
  const stages = fc.uniqueArray(fc.nat({ max: count - 1 }), { maxLength: 3 });
  const any = fc.record({ pause, stages, isUntil }).map((one) => [one]);
  const inOrder = fc
    .array(fc.integer({ min: 0, max: 2 }), { minLength: count, maxLength: count })
    .map((pauses) => pauses.map((pause, stage) => ({ pause, stages: [stage], isUntil: false })));
  return fc
    .array(fc.oneof({ arbitrary: any, weight: 6 }, { arbitrary: inOrder, weight: 1 }), { maxLength: 30, size: "max" })
    .map((parts) => {
      let time = 0;
      return parts.flat().map(({ pause, stages, isUntil }) => {
        time += pause;
        return { time, stages, isUntil };
      });
    });
};

const planned = plan.chain((shape) => fc.tuple(fc.constant(shape), streamFor(shape.missing.length)));

it("any stream has the sequences that the plain way finds in it", () => {
  let found = 0;
  fc.assert(
    fc.property(planned, ([shape, steps]) => {
      const inOrder = (sequences: (number | undefined)[][]) => sequences.map((one) => JSON.stringify(one)).toSorted();
      const expected = plainly(shape, steps);
      expect(inOrder(run(shape, steps))).toEqual(inOrder(expected));
      found += expected.length;
    }),
    { numRuns: process.env["WEIR_LONG"] ? 10_000 : 600 },
  );
  expect(found).toBeGreaterThan(600);
});
