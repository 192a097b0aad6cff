import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, RecordMeta } from "../../event.ts";
import { fingerprint as hash } from "../../fingerprint.ts";
import { type State, StateFull } from "../../state.ts";
import { KeepRun } from "../../testing/keep-run.ts";
import { memoryState } from "../../transform/memory-state.ts";
import { runStep } from "../../transform/run-step.ts";
import { detect } from "../detect.ts";
import type { Sighting } from "./sightings.ts";
import { eventOf, lateness, ruleOf, start, window } from "./testing/rule.ts";
import { thin } from "./thin.ts";
import { threshold } from "./threshold.ts";

describe("threshold", () => {
  it("leaves out only what makes no difference to a window", () => {
    const sightings = fc
      .array(fc.record({ at: fc.nat(100), value: fc.constantFrom("a", "b", "c") }), { maxLength: 80 })
      .map((list) =>
        list.toSorted((a, b) => a.at - b.at).map(({ at, value }): Sighting => ({ at, weight: 1, values: [value] })),
      );
    fc.assert(
      fc.property(sightings, fc.integer({ min: 1, max: 4 }), (all, value) => {
        const length = 20;
        const few = thin(all, { value, cardinality: 2, window: length });
        expect(few.reduce((sum, { weight }) => sum + weight, 0)).toBe(all.length);
        for (let from = -length; from <= 100; from++) {
          const inside = (list: readonly Sighting[]) => list.filter(({ at }) => from <= at && at <= from + length);
          const valuesIn = (list: readonly Sighting[]) =>
            [...new Set(inside(list).flatMap(({ values }) => values))].sort();
          expect(Math.min(value, inside(few).length)).toBe(Math.min(value, inside(all).length));
          expect(valuesIn(few)).toEqual(valuesIn(all));
        }
      }),
    );
  });

  it("keeps few of many events whose values do not differ enough", () => {
    const rule = ruleOf({ value: 2, cardinality: [{ field: "door.name", value: 2 }] });
    const state = memoryState();
    const events = Array.from({ length: 5_000 }, (_, index) =>
      eventOf({ at: index >> 6, user: "ada", door: "a" }, index),
    );
    expect(runStep(detect({ rules: [rule], state, hash }).event, events).events).toEqual([]);
    const stored = state
      .scope(rule.id)
      .scan("v")
      .map(([, value]) => value.length);
    expect(stored).toHaveLength(1);
    expect(stored[0]).toBeLessThan(16_000);
  });

  it("counts exactly from an alert on, however many events without enough values are between it and the latest", () => {
    const rule = ruleOf({ value: 3, cardinality: [{ field: "door.name", value: 2 }] });
    const many = Array.from({ length: 284 }, (_, index) => ({ at: index >> 2, user: "ada", door: "a" }));
    const late = [45, 50].map((at) => ({ at, user: "ada", door: "b" }));
    const events = [...many, ...late].map(eventOf);
    const { events: alerts } = runStep(detect({ rules: [rule], state: memoryState(), hash }).event, events);
    const timeOf = (at: number) => new Date(start + at).toISOString();
    expect(alerts.map(({ data }) => data)).toMatchObject([
      { "kibana.alert.original_time": timeOf(45), "kibana.alert.threshold_result": { count: 185, from: timeOf(0) } },
      { "kibana.alert.original_time": timeOf(50), "kibana.alert.threshold_result": { count: 21, from: timeOf(46) } },
    ]);
  });

  it("notes how many events it left out of a group that is too large to be exact", () => {
    const cardinality = [{ field: "door", value: 2 }];
    const state = memoryState();
    const { event } = threshold(
      { fields: [], value: 2, cardinality, window: 10_000 },
      { selection: "*", state, hash, timestamp: "time" },
      { mostExact: 200 },
    );
    const events = Array.from({ length: 20_001 }, (_, index) => ({
      data: { door: index < 20_000 ? "a" : "b", time: start + (index >> 1) },
      meta: new RecordMeta("doors", "log", index, start + index),
    }));
    const { events: alerts, notes } = runStep(event, events);
    expect(notes).toEqual({ thinned: expect.any(Number) });
    expect(notes?.["thinned"]).toBeGreaterThan(19_000);
    expect(state.scope("chunks").scan("").length).toBeLessThan(20);
    expect(alerts.map(({ data }) => data)).toMatchObject([
      { weir: { threshold: { count: 20_001, from: new Date(start).toISOString() } } },
    ]);
  });

  it("forgets a group when its time is over, and not before", () => {
    const rule = ruleOf({});
    let state = memoryState();
    const build = (given: State) => {
      state = given;
      return detect({ rules: [rule], state, hash });
    };
    const run = new KeepRun({ id: "rules", outputs: [], build });
    const groups = () => state.scope(rule.id).scan("v").length;
    run.batch([eventOf({ at: 0, user: "ada", door: "a" }, 0)]);
    run.batch([eventOf({ at: window + lateness, user: "ben", door: "a" }, 1)]);
    run.tick({ tick: start + 1_000_002 });
    expect(groups()).toBe(2);
    run.batch([eventOf({ at: window + lateness + 1, user: "ben", door: "a" }, 3)]);
    run.tick({ tick: start + 1_000_004 });
    expect(groups()).toBe(1);
    // Nothing comes any more: the time goes on with the host's clock.
    run.tick({ tick: start + 2_000_000, idle: 999_000 });
    expect(groups()).toBe(0);
  });

  it("writes its alert as Elastic does, about the group and not about one event", () => {
    const rule = ruleOf({ value: 2, cardinality: [{ field: "door.name", value: 2 }] });
    const events = ["a", "a", "b"].map((door, index) => eventOf({ at: index, user: "ada", door }, index));
    const { events: alerts, consumed } = runStep(detect({ rules: [rule], state: memoryState(), hash }).event, events);
    expect(consumed).toEqual({ counted: 2 });
    expect(alerts.map(({ data }) => data)).toMatchObject([
      {
        user: "ada",
        "kibana.alert.original_time": "2026-01-01T00:00:00.002Z",
        "kibana.alert.ancestors": [{ id: "doors/log@2", type: "event", depth: 0 }],
        "kibana.alert.threshold_result": {
          terms: [{ field: "user", value: "ada" }],
          cardinality: [{ field: "door.name", value: 2 }],
          count: 3,
          from: "2026-01-01T00:00:00.000Z",
        },
        "kibana.alert.rule.parameters": { threshold: { field: ["user"], value: 2 } },
      },
    ]);
    expect(alerts[0]!.data).not.toHaveProperty("action");
    expect(alerts[0]!.data["kibana.alert.reason"]).toContain(
      '3 events with user "ada" from 2026-01-01T00:00:00.000Z to 2026-01-01T00:00:00.002Z, with 2 different values of door.name.',
    );
  });

  it("counts an event that belongs to an alert already as alerted, and one that lacks a field as no_terms", () => {
    const events = [0, 1, 2, 1, 3].map((at, index) => eventOf({ at, user: "ada", door: "a" }, index));
    const lacking = eventOf({ at: 4, user: undefined, door: "a" }, 9);
    const sent = runStep(detect({ rules: [ruleOf({})], state: memoryState(), hash }).event, [...events, lacking]);
    expect(sent.events).toHaveLength(1);
    expect(sent.consumed).toEqual({ counted: 3, alerted: 1, no_terms: 1 });
  });

  it("notes an event that cannot be remembered, and goes on", () => {
    const full = (state: State): State => ({
      ...state,
      set: () => {
        throw new StateFull("full");
      },
      scope: (name) => full(state.scope(name)),
    });
    const events = [0, 1, 2].map((at, index) => eventOf({ at, user: "ada", door: "a" }, index));
    const rule = ruleOf({}, "event.ingested");
    const sent = runStep(detect({ rules: [rule], state: full(memoryState()), hash }).event, events);
    expect(sent.rejected).toEqual([]);
    expect(sent.consumed).toEqual({ counted: 3 });
    expect(sent.notes).toEqual({ state_full: 3 });
  });

  it("starts anew when the host's clock was set back", () => {
    const at = (time: number, index: number): Event => ({
      data: { action: "open", user: "ada" },
      meta: new RecordMeta("doors", "log", index, start + time),
    });
    const events = [1e9, 1e9, 0, 1, 2].map(at);
    const sent = runStep(detect({ rules: [ruleOf({}, "event.ingested")], state: memoryState(), hash }).event, events);
    expect(sent.events).toHaveLength(1);
  });
});
