import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, RecordMeta } from "../../event.ts";
import { fingerprint as hash } from "../../fingerprint.ts";
import { type State, StateFull } from "../../state.ts";
import { KeepRun } from "../../testing/keep-run.ts";
import { memoryState } from "../../transform/memory-state.ts";
import { runStep } from "../../transform/run-step.ts";
import { detect } from "../detect.ts";
import type { NewTermsRule } from "../new-terms/rule-type.ts";
import type { Rule } from "../rule.ts";
import { openedRule } from "../testing/opened-rule.ts";

const start = Date.UTC(2026, 0, 1);

const opened: Rule = { ...openedRule, timestamp: "@timestamp" };

const window = 20;

const newUser: NewTermsRule = {
  ...opened,
  name: "new_user",
  id: "5a0f3b1e-6a55-4d0c-8f0e-1c9a5f8f3d12",
  type: "new_terms",
  query: "action:*",
  new_terms: { fields: ["user"], window, lateness: 2_000_000 },
};

interface Given {
  readonly user: string;
  readonly action: string;
  /** `undefined`: the event has no time. */
  readonly at: number | undefined;
  readonly isOfBaseline: boolean;
}

const eventOf = ({ user, action, at, isOfBaseline }: Given, position: number): Event => ({
  data: { user, action, ...(at !== undefined && { "@timestamp": new Date(start + at).toISOString() }) },
  meta: new RecordMeta(isOfBaseline ? "alerts:baseline" : "log", "log", position, start + 1_000_000),
});

const given = (isOfBaseline: boolean): fc.Arbitrary<Given> =>
  fc.record({
    user: fc.constantFrom("ann", "bob", "cat"),
    action: fc.constantFrom("open", "shut"),
    at: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined, freq: 8 }),
    isOfBaseline: fc.constant(isOfBaseline),
  });

/** Whether it still learns at each event, in their order, by all times that came before. */
const learning = (learnFor: number | undefined): ((at: number | undefined) => boolean) => {
  /** Of each beginning, the times that are a quarter of the period from the others; the first one is when it began. */
  const beginnings: number[][] = [];
  let begun: number | undefined;
  return (at) => {
    if (learnFor === undefined) return false;
    if (begun !== undefined || at === undefined)
      return begun === undefined || (at !== undefined && at < begun + learnFor);
    const near = beginnings.filter(
      (times) => Math.min(...times) - learnFor <= at && at <= Math.max(...times) + learnFor,
    );
    const ended = near.filter(([since]) => since! + learnFor <= at);
    if (near.length === 0) beginnings.push([at]);
    for (const times of near)
      if (at < Math.min(...times) - learnFor / 4 || at > Math.max(...times) + learnFor / 4) times.push(at);
    const believed = beginnings.length > 4 ? beginnings : ended;
    if (believed.length > 0) begun = Math.min(...believed.map(([since]) => since!));
    return begun === undefined || at < begun + learnFor;
  };
};

/** Which event raises which alert, and how many events would have, as a plain loop over everything that came before. */
const expected = (events: readonly Given[], learnFor: number | undefined) => {
  const timeOf = ({ at }: Given) => at ?? 1_000_000;
  const learned = learning(learnFor);
  const held = { learning: 0, baseline: 0 };
  const alerts: string[] = [];
  for (const [index, event] of events.entries()) {
    const isLearning = learned(event.at);
    const isKnown = events
      .slice(0, index)
      .some(
        (other) =>
          other.user === event.user && timeOf(other) <= timeOf(event) && timeOf(event) <= timeOf(other) + window,
      );
    const found = [...(event.action === "open" ? ["Opened"] : []), ...(isKnown ? [] : ["New user"])];
    if (event.isOfBaseline) held.baseline += Number(found.length > 0);
    else if (isLearning) held.learning += Number(found.length > 0);
    else alerts.push(...found.map((title) => `${index} ${title}`));
  }
  return { alerts, held };
};

const build = (learnFor: number | undefined, rules: readonly Rule[]) => (state: State) =>
  detect({ rules, id: "alerts", learn_for: learnFor, baseline: { from: ["x"], order: "time" }, state, hash });

const alertsOf = (run: KeepRun) =>
  run.result.sent.map(({ event: { data } }) => {
    const [{ id }] = data["kibana.alert.ancestors"] as readonly [{ readonly id: string }];
    return `${id.split("@")[1]} ${data["kibana.alert.rule.name"]}`;
  });

describe("learning", () => {
  it("raises what a plain loop raises, out of order, with events without a time, and restarts", () => {
    const rules = [opened, { ...newUser, title: "New user" }];
    fc.assert(
      fc.property(
        fc.array(given(true), { maxLength: 10 }),
        fc.array(given(false), { maxLength: 30 }),
        fc.option(fc.integer({ min: 1, max: 80 }), { nil: undefined }),
        fc.integer({ min: 3, max: 15 }),
        (baseline, live, learnFor, restartEvery) => {
          const events = [...baseline, ...live];
          const run = new KeepRun({ id: "alerts", outputs: [], build: build(learnFor, rules) });
          for (const [index, each] of events.entries()) {
            run.batch([eventOf(each, index)]);
            if (index % restartEvery === 0) run.restart();
          }
          const { alerts, held } = expected(events, learnFor);
          expect(alertsOf(run)).toEqual(alerts);
          expect(run.result.rejected).toEqual([]);
          const { learning = 0, baseline: ofBaseline = 0 } = run.result.consumed;
          expect({ learning, baseline: ofBaseline }).toEqual(held);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is not ended or lengthened by one event with a wrong time, whenever it comes", () => {
    const learnFor = 20;
    const odd = fc.oneof(fc.integer({ min: -1_700_000_000, max: -100 }), fc.integer({ min: 300, max: 900_000 }));
    const live = fc.record({
      user: fc.constantFrom("ann", "bob"),
      action: fc.constantFrom("open", "shut"),
      step: fc.integer({ min: -4, max: 15 }),
      isTimed: fc.boolean(),
    });
    const rules = [opened, { ...newUser, title: "New user" }];
    const alertsAbout = (events: readonly (readonly [Given, number])[]) => {
      const run = new KeepRun({ id: "alerts", outputs: [], build: build(learnFor, rules) });
      for (const [each, position] of events) run.batch([eventOf(each, position)]);
      return alertsOf(run);
    };
    fc.assert(
      fc.property(fc.array(live, { maxLength: 20 }), fc.nat({ max: 20 }), odd, (steps, place, at) => {
        let now = 0;
        const events = steps.map(({ user, action, step, isTimed }, position) => {
          now += step;
          return [{ user, action, at: isTimed ? now : undefined, isOfBaseline: false }, position] as const;
        });
        const wrong: readonly [Given, number] = [{ user: "odd", action: "shut", at, isOfBaseline: false }, 1_000];
        const with1 = [...events.slice(0, place), wrong, ...events.slice(place)];
        expect(alertsAbout(with1).filter((alert) => !alert.startsWith("1000 "))).toEqual(alertsAbout(events));
      }),
      { numRuns: 60 },
    );
  });

  it("ends also if events are further apart than it lasts", () => {
    const run = new KeepRun({ id: "alerts", outputs: [], build: build(10, [opened]) });
    for (const at of [0, 100, 200, 300, 400, 500])
      run.batch([eventOf({ user: "ann", action: "open", at, isOfBaseline: false }, at)]);
    expect(alertsOf(run)).toEqual(["400 Opened", "500 Opened"]);
  });

  it("says that an event is far from the others", () => {
    const lines: string[] = [];
    const silent = () => undefined;
    const log = { debug: silent, info: (line: string) => void lines.push(line), warn: silent, error: silent };
    const step = detect({ rules: [opened], id: "alerts", learn_for: 10, log, state: memoryState(), hash });
    const events = [-start, 0].map((at) => eventOf({ user: "ann", action: "open", at, isOfBaseline: false }, 0));
    expect(runStep(step.event, events).events).toEqual([]);
    expect(lines).toEqual([
      expect.stringContaining('"opened" learns for 10ms, until 1970-01-01T00:00:00.010Z'),
      'an event has the time 2026-01-01T00:00:00.000Z by @timestamp, more than 10ms from those before it: for "opened" learning begins there if others follow it',
    ]);
  });

  it("learns for itself when a rule is added later, or asks for something else", () => {
    let rules: readonly Rule[] = [opened];
    const run = new KeepRun({ id: "alerts", outputs: [], build: (state) => build(10, rules)(state) });
    const open = (at: number) => run.batch([eventOf({ user: "ann", action: "open", at, isOfBaseline: false }, at)]);
    open(0);
    open(10);
    rules = [opened, { ...opened, name: "other", id: `${opened.id}-other`, title: "Other" }];
    run.restart();
    open(11);
    open(21);
    rules = [{ ...opened, query: "action:(open or shut)" }];
    run.restart();
    open(22);
    open(32);
    expect(alertsOf(run)).toEqual(["10 Opened", "11 Opened", "21 Opened", "21 Other", "32 Opened"]);
  });

  it("tells when it begins and ends, and what was held back", () => {
    const lines: string[] = [];
    const silent = () => undefined;
    const log = { debug: silent, info: (line: string) => void lines.push(line), warn: silent, error: silent };
    const run = new KeepRun({
      id: "alerts",
      outputs: [],
      build: (state) => detect({ rules: [opened], id: "alerts", learn_for: 10, log, state, hash }),
    });
    for (const at of [0, 5, 10]) run.batch([eventOf({ user: "ann", action: "open", at, isOfBaseline: false }, at)]);
    expect(lines).toEqual([
      '"opened" learns for 10ms, until 2026-01-01T00:00:00.010Z by @timestamp: findings raise no alert meanwhile, and are counted as learning',
      "learning is over for 1 rule; 2 alerts would have been raised: 2 × opened",
    ]);
    expect(run.result.consumed).toEqual({ learning: 2 });
  });

  it("says once that there is no room to remember it, and raises what it finds", () => {
    const lines: string[] = [];
    const silent = () => undefined;
    const say = (line: string) => void lines.push(line);
    const log = { debug: silent, info: say, warn: say, error: silent };
    const full = (state: State): State => ({
      ...state,
      scope: (name) => full(state.scope(name)),
      set: (key) => {
        throw new StateFull(key);
      },
    });
    const step = detect({ rules: [opened], id: "alerts", learn_for: 10, log, state: full(memoryState()), hash });
    const events = [0, 1, 2].map((at) => eventOf({ user: "ann", action: "open", at, isOfBaseline: false }, at));
    expect(runStep(step.event, events).events).toHaveLength(3);
    expect(lines).toEqual([expect.stringContaining('no room to remember that "opened" learns')]);
  });
});
