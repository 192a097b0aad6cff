import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, RecordMeta } from "../event.ts";
import { fingerprint as hash } from "../fingerprint.ts";
import type { Data } from "../json.ts";
import { compileKql } from "../kql/index.ts";
import type { State } from "../state.ts";
import { memoryState } from "../transform/memory-state.ts";
import { runStep } from "../transform/run-step.ts";
import type { Sent } from "../transform/tally.ts";
import { detect } from "./detect.ts";
import { newTerms } from "./new-terms/new-terms.ts";
import type { NewTermsRule } from "./new-terms/rule-type.ts";
import type { Rule } from "./rule.ts";
import { toAlert } from "./to-alert.ts";

const day = 86_400_000;
const start = Date.UTC(2026, 3, 1);

const base = {
  name: "new_badge",
  id: "3b0e5a49-1d9b-4a3a-8c9d-5f1d1f0c7a10",
  version: 2,
  title: "New Badge at a Door",
  description: "For tests.",
  timestamp: "event.ingested",
  severity: "medium",
  risk_score: 47,
  threat: [{ tactic: { id: "TA0001", name: "Initial Access" }, techniques: [{ id: "T1078", name: "Valid Accounts" }] }],
  tags: ["Doors"],
  categories: ["Doors"],
  data_source: "badge log",
  created: "2026-01-01",
  author: ["Test"],
  license: "Apache-2.0",
  references: [],
  false_positives: [],
  note: "",
  tests: [],
} as const;

const rule: NewTermsRule = {
  ...base,
  type: "new_terms",
  query: "event.action:open",
  new_terms: { fields: ["user.name", "door"], window: 7 * day },
};

const everyAlarm: Rule = {
  ...base,
  name: "alarm",
  id: "a2f0b0a4-6c4c-4b7e-9b0e-0a9c7f0d1c22",
  type: "query",
  query: "event.action:alarm",
};

const event = (at: number, data: Data, position = at): Event => ({
  data,
  meta: new RecordMeta("doors", "log", position, start + at),
});
const opened = (user: unknown, door: unknown): Data => ({ event: { action: "open" }, user: { name: user }, door });

const written = ({ events }: Pick<Sent, "events">) =>
  events.map(({ data, meta }) => [meta.id, meta.ingested, JSON.stringify(data)]);
/** What became of the events that were not sent on, and the notes. */
const account = ({ consumed, dropped, rejected, notes }: Sent) => ({ consumed, dropped, rejected, notes });

describe("detect", () => {
  it("compares by the types that are given for fields", () => {
    const groups: Rule = { ...everyAlarm, query: "kubernetes.audit.user.groups:team-*" };
    const events = [event(0, { kubernetes: { audit: { user: { groups: ["team-a"] } } } })];
    const fields = { "kubernetes.audit.user.groups": "keyword" } as const;
    const build = (more: object) => detect({ rules: [groups], state: memoryState(), hash, ...more }).event;
    expect(runStep(build({}), events).events).toEqual([]);
    expect(runStep(build({ fields }), events).events).toHaveLength(1);
    expect(() => build({ fields: { "kubernetes.audit.user.groups": "ip" } })).toThrow(
      'the query of the rule "alarm" does not work: "team-*" does not fit the field "kubernetes.audit.user.groups"',
    );
  });

  it("says why each event raised no alert, and counts what is unusual", () => {
    const sent = runStep(detect({ rules: [rule], state: memoryState(), hash }).event, [
      event(0, opened("ada", "north")),
      event(1, opened("ada", "north")),
      event(2, opened("ada", [])),
      event(3, { event: { action: "close" } }),
    ]);
    expect(sent.events.map(({ data }) => data["kibana.alert.new_terms"])).toEqual([["ada", "north"]]);
    expect(account(sent)).toEqual({ consumed: { known: 1, no_terms: 1, filtered: 1 }, rejected: [] });
  });

  it("counts late, clamped and untimed events, by the rule's time axis", () => {
    const timed = (time: unknown) => event(0, { ...opened("ada", "north"), time });
    const { notes } = runStep(detect({ rules: [rule], timestamp: "time", state: memoryState(), hash }).event, [
      timed(start),
      timed(start - 7 * day),
      timed(start - 7 * day - 1),
      timed(start + day),
      timed("some time ago"),
    ]);
    expect(notes).toEqual({ late: 1, clamped: 1, untimed: 1 });
  });

  it("runs several rules, each with its own history, and sends alerts in the order of the rules", () => {
    const copy: NewTermsRule = { ...rule, name: "copy", id: "9d3c6f0e-7f3b-4f65-8a53-0a3d4f1c9b33" };
    const sent = runStep(detect({ rules: [rule, everyAlarm, copy], state: memoryState(), hash }).event, [
      event(0, opened("ada", "north")),
      event(1, { event: { action: "alarm" } }),
      event(2, opened("ada", "north")),
    ]);
    expect(sent.events.map(({ data }) => data["kibana.alert.rule.uuid"])).toEqual([rule.id, copy.id, everyAlarm.id]);
    expect(account(sent)).toEqual({ consumed: { known: 1 }, rejected: [] });
  });

  const some = (...values: string[]) =>
    fc.oneof(fc.constantFrom(...values), fc.subarray(values), fc.constantFrom(undefined, null));
  const stream = fc.array(
    fc.record({
      gap: fc.constantFrom(0, 1, day, 7 * day, 7 * day + 1),
      user: some("ada", "brook"),
      door: some("north", "south"),
      action: fc.constantFrom("open", "open", "close"),
    }),
    { maxLength: 20 },
  );
  const eventsOf = (steps: readonly { gap: number; user: unknown; door: unknown; action: string }[]) => {
    let at = 0;
    return steps.map(({ gap, user, door, action }, position) => {
      at += gap;
      return event(at, { event: { action }, user: { name: user }, door }, position);
    });
  };

  it("gives the same alerts as the small transforms", () => {
    fc.assert(
      fc.property(stream, (steps) => {
        const whole = detect({ rules: [rule], state: memoryState(), hash }).event;
        const matches = compileKql(rule.query);
        const filter = (event: Event) => (matches(event.data) ? event : "filtered");
        const find = newTerms({
          id: "doors",
          fields: ["user.name", "door"],
          window: 7 * day,
          state: memoryState(),
          hash,
        });
        const alert = toAlert({ rule, hash });
        for (const event of eventsOf(steps)) {
          const matching = runStep(filter, [event]);
          const news = runStep(find, matching.events);
          const alerts = runStep(alert, news.events);
          const found = runStep(whole, [event]);
          expect(written(found)).toEqual(written(alerts));
          expect(account(found)).toEqual({
            consumed: matching.consumed ?? news.consumed ?? alerts.consumed,
            notes: news.notes,
            rejected: [],
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it("gives the same result whether and whenever the host removed expired entries", () => {
    fc.assert(
      fc.property(stream, (steps) => {
        const events = eventsOf(steps.map((step) => ({ ...step, gap: step.gap * 3 })));
        const expected = runStep(detect({ rules: [rule], state: hoarding(memoryState()), hash }).event, events);
        const found = runStep(detect({ rules: [rule], state: memoryState(), hash }).event, events);
        expect(written(found)).toEqual(written(expected));
      }),
      { numRuns: 300 },
    );
  });

  it("removes expired entries", () => {
    const { state, size } = counted();
    const visitors = Array.from({ length: 100 }, (_, n) => event(n * day, opened(`visitor ${n}`, "north")));
    runStep(detect({ rules: [rule], state, hash }).event, visitors);
    // Six windows of a visitor a day, at two keys each, one for the door, one for the highest time; swept now and then.
    expect(size()).toBeLessThan(2 * 6 * 7 + 2 + 6);
  });
});

/** State that never removes anything. */
const hoarding = (state: State): State => ({
  ...state,
  sweep: () => {},
  scope: (name) => hoarding(state.scope(name)),
});

/** State that reports how many entries are left. */
const counted = () => {
  const entries = new Map<string, { value: string; expires: number }>();
  const state: State = {
    ...memoryState(),
    get: (key) => entries.get(key)?.value,
    set: (key, value, expires = Number.POSITIVE_INFINITY) => void entries.set(key, { value, expires }),
    delete: (key) => void entries.delete(key),
    sweep: (before) => {
      for (const [key, { expires }] of entries) if (expires < before) entries.delete(key);
    },
    scope: () => state,
  };
  return { state, size: () => entries.size };
};
