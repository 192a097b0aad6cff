import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, RecordMeta } from "../../event.ts";
import { fingerprint as hash } from "../../fingerprint.ts";
import { type State, StateFull } from "../../state.ts";
import { KeepRun } from "../../testing/keep-run.ts";
import { memoryState } from "../../transform/memory-state.ts";
import { runStep } from "../../transform/run-step.ts";
import { detect } from "../detect.ts";
import type { Rule } from "../rule.ts";
import { plainRule } from "../testing/plain-rule.ts";
import type { Cap, Suppression } from "./options.ts";

const start = Date.UTC(2026, 0, 1);

const rule: Rule = {
  name: "opened",
  id: "5a0f3b1e-6a55-4d0c-8f0e-1c9a5f8f3d11",
  version: 1,
  title: "Opened",
  description: "For tests.",
  type: "query",
  query: "action:open",
  timestamp: "event.ingested",
  severity: "low",
  risk_score: 10,
  ...plainRule,
};

type Users = readonly string[] | undefined;

type Step =
  | { readonly event: { readonly user: Users; readonly action: string }; readonly after: number }
  | { readonly tick: number }
  | { readonly restart: true };

const eventOf = (data: Event["data"], at: number, position: number): Event => ({
  data,
  meta: new RecordMeta("doors", "log", position, at),
});

/** In words of the definition. */
class Oracle {
  readonly #groups = new Map<string, { readonly start: number; passed: number; held: number }>();
  readonly #most: number;
  readonly #within: number;
  readonly summaries: string[] = [];

  constructor(most: number, within: number) {
    this.#most = most;
    this.#within = within;
  }

  passes(group: string, at: number): boolean {
    const before = this.#groups.get(group);
    if (before && at >= before.start + this.#within) this.#close(group);
    const known = this.#groups.get(group) ?? { start: at, passed: 0, held: 0 };
    this.#groups.set(group, known);
    const passes = known.passed < this.#most;
    if (passes) known.passed++;
    else known.held++;
    return passes;
  }

  tick(now: number): void {
    for (const [group, { start }] of this.#groups) if (start + this.#within <= now) this.#close(group);
  }

  #close(group: string): void {
    const { start, held } = this.#groups.get(group)!;
    this.#groups.delete(group);
    if (held > 0) this.summaries.push(JSON.stringify([group, start, held]));
  }
}

const users: fc.Arbitrary<Users> = fc.option(fc.subarray(["ann", "bob"]), { nil: undefined });

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        event: fc.record({ user: users, action: fc.constantFrom("open", "open", "shut") }),
        after: fc.integer({ min: 0, max: 12 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ tick: fc.integer({ min: 0, max: 30 }) }) },
    { weight: 1, arbitrary: fc.constant({ restart: true as const }) },
  ),
  { maxLength: 40 },
);

const suppressions: fc.Arbitrary<Suppression | undefined> = fc.option(
  fc.record({
    group_by: fc.constant(["user"]),
    duration: fc.integer({ min: 1, max: 40 }),
    missing_fields_strategy: fc.constantFrom("suppress" as const, "doNotSuppress" as const),
  }),
  { nil: undefined },
);

const caps: fc.Arbitrary<Cap | undefined> = fc.option(
  fc.record({ count: fc.integer({ min: 1, max: 4 }), every: fc.integer({ min: 1, max: 40 }) }),
  { nil: undefined },
);

const build = (suppression: Suppression | undefined, cap: Cap | undefined) => (state: State) =>
  detect({
    rules: [{ ...rule, ...(suppression && { suppression }) }],
    overrides: cap ? { opened: { max_alerts: cap } } : {},
    state,
    hash,
  });

describe("limits of alerts", () => {
  it("hold back what an oracle holds back, and tell all of it, with ticks and restarts", () => {
    fc.assert(
      fc.property(steps, suppressions, caps, (list, suppression, cap) => {
        const run = new KeepRun({ id: "alerts", outputs: [], build: build(suppression, cap) });
        const suppressing = new Oracle(1, suppression?.duration ?? 0);
        const capping = new Oracle(cap?.count ?? 0, cap?.every ?? 0);
        const passed: string[] = [];
        let now = start;
        for (const [index, step] of list.entries()) {
          if ("restart" in step) run.restart();
          else if ("tick" in step) {
            now += step.tick;
            run.tick({ tick: now });
            suppressing.tick(now);
            capping.tick(now);
          } else {
            now += step.after;
            const event = eventOf(step.event, now, index);
            run.batch([event]);
            if (step.event.action !== "open") continue;
            const values = [...(step.event.user ?? [])].sort();
            const isAlone = values.length === 0 && suppression?.missing_fields_strategy === "doNotSuppress";
            if (suppression && !isAlone && !suppressing.passes(values.join(), now)) continue;
            if (!cap || capping.passes("all", now)) passed.push(event.meta.id);
          }
        }
        run.tick({ tick: now, final: true });
        suppressing.tick(Number.POSITIVE_INFINITY);
        capping.tick(Number.POSITIVE_INFINITY);

        const sent = run.result.sent.map(({ event }) => event.data as Record<string, never>);
        const alerts = sent.filter((data) => data["kibana.alert.uuid"] !== undefined);
        expect(alerts.map((data) => (data["kibana.alert.ancestors"] as unknown as { id: string }[])[0]?.id)).toEqual(
          passed,
        );
        const summariesBy = (by: string) =>
          sent
            .filter(({ weir }) => (weir as { held_back?: { by: string } } | undefined)?.held_back?.by === by)
            .map((data) => {
              const terms: readonly { value: readonly string[] }[] = data["kibana.alert.suppression.terms"]!;
              const group = by === "capped" ? "all" : terms[0]!.value.join();
              const count = data["kibana.alert.suppression.docs_count"];
              return JSON.stringify([group, Date.parse(data["kibana.alert.suppression.start"]!), count]);
            })
            .sort();
        expect(summariesBy("suppressed")).toEqual(suppressing.summaries.sort());
        expect(summariesBy("capped")).toEqual(capping.summaries.sort());
        expect(run.result.rejected).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

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
      "kibana.alert.rule.uuid": rule.id,
      "kibana.alert.rule.rule_id": rule.id,
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
