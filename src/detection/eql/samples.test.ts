import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ahead, eventOf, groupsOf, ruleOf, runOf, start } from "./testing/rule.ts";

const window = 30;
const letters = "ABC";
const query = `sample by user\n${[...letters].map((letter) => `[any where letters : "*${letter}*"]`).join("\n")}`;

interface Moment {
  readonly at: number;
  readonly user: string;
  readonly letters: string;
}

const stream = fc
  .array(
    fc.record({
      step: fc.integer({ min: -12, max: 12 }),
      user: fc.constantFrom("ada", "ada", "ben"),
      letters: fc.constantFrom("A", "B", "C", "AB", "BC", "ABC", "X"),
    }),
    { maxLength: 60, size: "max" },
  )
  .map((list) => {
    let at = 100;
    return list.map(({ step, ...rest }): Moment => {
      at += step + 2;
      return { at, ...rest };
    });
  });

/** All events of a user since the last sample, and all ways to choose three of them. */
class Oracle {
  readonly #events = new Map<string, { readonly at: number; readonly letters: string }[]>();
  readonly #newest = new Map<string, number>();

  /** Whether an event completes a sample. */
  add({ at, user, letters: said }: Moment): boolean {
    if (![...letters].some((letter) => said.includes(letter))) return false;
    const newest = Math.max(at, this.#newest.get(user) ?? at);
    if (at < newest - window) return false;
    const events = [...(this.#events.get(user) ?? []), { at, letters: said }].filter(
      (each) => each.at >= newest - window,
    );
    const isSample = events.some((a) =>
      events.some((b) =>
        events.some(
          (c) =>
            a !== b &&
            b !== c &&
            a !== c &&
            a.letters.includes("A") &&
            b.letters.includes("B") &&
            c.letters.includes("C"),
        ),
      ),
    );
    this.#events.set(user, isSample ? [] : events);
    if (isSample) this.#newest.delete(user);
    else this.#newest.set(user, newest);
    return isSample;
  }
}

describe("a sample", () => {
  it("is raised by the event that completes it, as by a plain loop over all events, with ticks and restarts", () => {
    let found = 0;
    fc.assert(
      fc.property(stream, fc.array(fc.nat(60)), (moments, restarts) => {
        const oracle = new Oracle();
        const run = runOf(ruleOf(query, { window, lateness: 40 }));
        for (const [index, moment] of moments.entries()) {
          const { at, user, letters: said } = moment;
          if (restarts.includes(index)) run.restart();
          const before = run.result.sent.length;
          run.batch([eventOf(at, { user, letters: said }, index)]);
          if (index % 3 === 0) run.tick({ tick: start + ahead + index });
          const groups = groupsOf(run.result.sent.slice(before).map(({ event }) => event));
          expect(groups).toHaveLength(oracle.add(moment) ? 1 : 0);
          for (const group of groups) {
            const chosen = group.split(" ").map((position) => moments[Number(position)]!);
            expect(new Set(chosen).size).toBe(3);
            for (const [place, one] of chosen.entries()) {
              expect(one.letters).toContain(letters[place]);
              expect(one.user).toBe(user);
            }
            const times = chosen.map((one) => one.at);
            expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(window);
            found++;
          }
        }
        expect(run.result.rejected).toEqual([]);
      }),
      { numRuns: process.env["WEIR_LONG"] ? 2_000 : 40 },
    );
    expect(found).toBeGreaterThan(80);
  });

  it("has an event once, however often it comes", () => {
    const run = runOf(ruleOf('sample by user [any where letter == "A"] [any where letter in ("A", "B")]'));
    const event = eventOf(0, { user: "ada", letter: "A" });
    run.batch([event, event]);
    run.restart();
    run.batch([event]);
    expect(run.result.sent).toEqual([]);
    run.batch([eventOf(1, { user: "ada", letter: "B" })]);
    expect(groupsOf(run.result.sent.map(({ event }) => event))).toEqual(["0 1"]);
  });

  it("is forgotten when its time is over, and keeps few of many events", () => {
    const rule = ruleOf(query, { window });
    let stored = (): number => 0;
    const run = runOf(rule, (state) => {
      stored = () =>
        state.scope(rule.id).scope("keys").scan("").length + state.scope(rule.id).scope("events").scan("").length;
      return state;
    });
    for (let index = 0; index < 200; index++) run.batch([eventOf(index % 20, { user: "ada", letters: "AB" }, index)]);
    expect(stored()).toBeLessThan(12);
    run.tick({ tick: start + 10 * ahead, idle: 9 * ahead });
    expect(stored()).toBe(0);
  });
});
