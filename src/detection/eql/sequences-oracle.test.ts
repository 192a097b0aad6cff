import fc from "fast-check";
import { expect, it } from "vitest";
import { plainly } from "../../eql/testing/plain-sequences.ts";
import { ahead, eventOf, groupsOf, ruleOf, runOf, start } from "./testing/rule.ts";
import { lateness, type Moment, stream } from "./testing/stream.ts";

const shape = fc
  .record({
    missing: fc
      .array(fc.constantFrom(false, false, true), { minLength: 2, maxLength: 4 })
      .filter((all) => all.includes(false)),
    maxspan: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
    until: fc.boolean(),
  })
  .map(({ missing, maxspan, until }) => ({
    missing,
    until,
    maxspan: maxspan ?? (missing.includes(true) ? 8 : undefined),
  }));

const letters = "ABCD";
const window = 40;

const queryOf = ({ missing, maxspan, until }: { missing: boolean[]; maxspan: number | undefined; until: boolean }) =>
  [
    `sequence by user${maxspan === undefined ? "" : ` with maxspan=${maxspan}ms`}`,
    ...missing.map((isMissing, stage) => `${isMissing ? "!" : ""}[any where letters : "*${letters[stage]}*"]`),
    ...(until ? ['until [any where letters : "*U*"]'] : []),
  ].join("\n");

/** Numbers before texts, and events without a tiebreaker last. */
const rank = (tie: Moment["tie"]) => (tie === undefined ? 1e9 : tie === "a" ? 1e8 : Number(tie));

it("any stream raises the sequences that the plain way finds in it, with disorder, repeats, ticks, restarts and an end", () => {
  let found = 0;
  let early = 0;
  fc.assert(
    fc.property(
      shape,
      stream,
      fc.array(fc.nat(60)),
      fc.array(fc.nat(60)),
      fc.integer({ min: 1, max: 4 }),
      (given, moments, restarts, repeats, rhythm) => {
        const { missing, maxspan = window, until } = given;
        const sorted = moments
          .map((moment, index) => ({ ...moment, index }))
          .toSorted((a, b) => a.at - b.at || rank(a.tie) - rank(b.tie) || a.index - b.index);
        const expected = ["ada", "ben"].flatMap((user) => {
          const own = sorted.filter(({ users }) => users.includes(user));
          const steps = own.map((each) => ({
            time: each.at,
            stages: missing.flatMap((_, stage) => (each.letters.includes(letters[stage]!) ? [stage] : [])),
            isUntil: until && each.letters.includes("U"),
          }));
          return plainly({ missing, maxspan }, steps).map((sequence) =>
            sequence.flatMap((step) => (step === undefined ? [] : own[step]!.index)).join(" "),
          );
        });
        const run = runOf(ruleOf(queryOf(given), { lateness, window, tiebreaker: "tie" }));
        for (const [index, { at, tie, users, letters: said }] of moments.entries()) {
          if (restarts.includes(index)) run.restart();
          const event = eventOf(at, { tie, user: users, letters: said }, index);
          run.batch(repeats.includes(index) ? [event, event] : [event]);
          if (index % rhythm === 0) run.tick({ tick: start + ahead + index });
        }
        early += run.result.sent.length;
        run.tick({ tick: start + ahead + 50, final: true });
        const { sent, rejected } = run.result;
        expect(rejected).toEqual([]);
        expect(groupsOf(sent.map(({ event }) => event)).toSorted()).toEqual(expected.toSorted());
        found += expected.length;
      },
    ),
    { numRuns: process.env["WEIR_LONG"] ? 10_000 : 40 },
  );
  expect(found).toBeGreaterThan(40);
  expect(early).toBeGreaterThan(60);
});
