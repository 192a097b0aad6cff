import { describe, expect, it } from "vitest";
import { type State, StateFull } from "../../state.ts";
import { KeepRun } from "../../testing/keep-run.ts";
import { memoryState } from "../../transform/memory-state.ts";
import { runStep } from "../../transform/run-step.ts";
import { openedRule } from "../testing/opened-rule.ts";
import type { Suppression } from "./options.ts";
import { build, eventOf, start } from "./testing/rule.ts";

describe("limits of alerts", () => {
  it("mark the alert that stands for others, and tell of them in words", () => {
    const suppression: Suppression = { group_by: ["user"], duration: 1_000, missing_fields_strategy: "suppress" };
    const run = new KeepRun({ id: "alerts", outputs: [], build: build(suppression, undefined) });
    for (const at of [0, 400, 900]) run.batch([eventOf({ action: "open", user: ["cat", "ann"] }, start + at, at)]);
    run.tick({ tick: start + 1_000 });
    const [alert, summary] = run.result.sent.map(({ event }) => event.data);
    expect(alert).toMatchObject({
      "kibana.alert.suppression.terms": [{ field: "user", value: ["ann", "cat"] }],
      "kibana.alert.suppression.docs_count": 0,
    });
    expect(summary).toEqual({
      "@timestamp": "2026-01-01T00:00:01.000Z",
      event: { kind: "metric" },
      message:
        '2 further alerts of "Opened" with user "ann, cat" were suppressed, the last at 2026-01-01T00:00:00.900Z.',
      "kibana.alert.instance.id": alert?.["kibana.alert.instance.id"],
      "kibana.alert.rule.uuid": openedRule.id,
      "kibana.alert.rule.rule_id": openedRule.id,
      "kibana.alert.rule.name": "Opened",
      "kibana.alert.suppression.terms": [{ field: "user", value: ["ann", "cat"] }],
      "kibana.alert.suppression.start": "2026-01-01T00:00:00.000Z",
      "kibana.alert.suppression.end": "2026-01-01T00:00:00.900Z",
      "kibana.alert.suppression.docs_count": 2,
      weir: { held_back: { by: "suppressed", rule: "opened", first_alert: alert?.["kibana.alert.uuid"] } },
    });
    expect(run.result.consumed).toEqual({ suppressed: 2 });
  });

  it("tell what was held back under other fields before", () => {
    let fields = ["user"];
    const run = new KeepRun({
      id: "alerts",
      outputs: [],
      build: (state) =>
        build({ group_by: fields, duration: 1_000, missing_fields_strategy: "suppress" }, undefined)(state),
    });
    for (const at of [0, 1]) run.batch([eventOf({ action: "open", user: "ann" }, start + at, at)]);
    fields = ["door", "user"];
    run.restart();
    run.tick({ tick: start + 1_000 });
    expect(run.result.sent.at(-1)?.event.data).toMatchObject({
      "kibana.alert.suppression.terms": [{ field: "user", value: ["ann"] }],
      "kibana.alert.suppression.docs_count": 1,
    });
  });

  it("send every alert that there is no room to remember, and say so", () => {
    const full = (): State => {
      const state = memoryState();
      return {
        ...state,
        set: () => {
          throw new StateFull("full");
        },
        scope: full,
      };
    };
    const suppression: Suppression = { group_by: ["user"], duration: 1_000, missing_fields_strategy: "suppress" };
    const { event: step } = build(suppression, undefined)(full());
    const hostile = { action: "open", user: ["\ud800", "x".repeat(1_000_000), "__proto__"] };
    const sent = runStep(step, [eventOf(hostile, start, 0), eventOf(hostile, start, 1)]);
    expect(sent.events).toHaveLength(2);
    expect(sent.notes).toEqual({ state_full: 2 });
  });

  it("keep little of long values", () => {
    const suppression: Suppression = { group_by: ["user"], duration: 1_000, missing_fields_strategy: "suppress" };
    const user = Array.from({ length: 1_000 }, (_, index) => `${index} \ud800 ${"x".repeat(1_000)}`);
    const sizes: number[] = [];
    const state = (): State => {
      const inner = memoryState();
      const set: State["set"] = (key, value, expires) => {
        sizes.push(key.length + value.length);
        inner.set(key, value, expires);
      };
      return { ...inner, set, scope: state };
    };
    const sent = runStep(build(suppression, undefined)(state()).event, [eventOf({ action: "open", user }, start, 0)]);
    expect(sent.events).toHaveLength(1);
    expect(Math.max(...sizes)).toBeLessThan(4_000);
  });
});
