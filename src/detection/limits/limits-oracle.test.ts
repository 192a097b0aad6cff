import fc from "fast-check";
import { expect, it } from "vitest";
import { KeepRun } from "../../testing/keep-run.ts";
import { refusing } from "../testing/refusing.ts";
import type { Cap, Suppression } from "./options.ts";
import { PlainLimit } from "./testing/plain-limit.ts";
import { build, eventOf, start } from "./testing/rule.ts";

type Users = readonly string[] | undefined;

type Step =
  | {
      readonly event: { readonly user: Users; readonly action: string; readonly fails: boolean };
      readonly after: number;
    }
  | { readonly tick: number }
  | { readonly restart: true };

const users: fc.Arbitrary<Users> = fc.constantFrom(["ann"], ["ann"], ["bob"], ["bob", "ann"], [], undefined);

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        event: fc.record({
          user: users,
          action: fc.constantFrom("open", "open", "shut"),
          // Another part of the pipeline refuses it.
          fails: fc.integer({ min: 0, max: 14 }).map((chance) => chance === 0),
        }),
        after: fc.integer({ min: 0, max: 12 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ tick: fc.integer({ min: 0, max: 30 }) }) },
    { weight: 1, arbitrary: fc.constant({ restart: true as const }) },
  ),
  { maxLength: 40, size: "max" },
);

const suppressions: fc.Arbitrary<Suppression | undefined> = fc.option(
  fc.record({
    group_by: fc.constant(["user"]),
    duration: fc.integer({ min: 1, max: 90 }),
    missing_fields_strategy: fc.constantFrom("suppress" as const, "doNotSuppress" as const),
  }),
  { nil: undefined },
);

const caps: fc.Arbitrary<Cap | undefined> = fc.option(
  fc.record({ count: fc.integer({ min: 1, max: 4 }), every: fc.integer({ min: 1, max: 90 }) }),
  { nil: undefined },
);

it("limits hold back what a plain loop holds back, and tell all of it, with ticks, restarts and refused events", () => {
  let held = 0;
  fc.assert(
    fc.property(steps, suppressions, caps, (list, suppression, cap) => {
      const run = new KeepRun({ id: "alerts", outputs: [], build: refusing(build(suppression, cap)) });
      const suppressing = new PlainLimit(1, suppression?.duration ?? 0);
      const capping = new PlainLimit(cap?.count ?? 0, cap?.every ?? 0);
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
          if (step.event.action !== "open" || step.event.fails) continue;
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
      expect(run.result.rejected.every(({ message }) => message.includes("refused"))).toBe(true);
      held += run.result.consumed["suppressed"] ?? 0;
    }),
    { numRuns: process.env["WEIR_LONG"] ? 10_000 : 200 },
  );
  expect(held).toBeGreaterThan(100);
});
