import fc from "fast-check";
import { expect, it } from "vitest";
import { type Collector, type Seen, window } from "./collector.ts";
import { Oracle } from "./oracle.ts";

/** A history to test, empty, with the collectors that see it. */
export interface Opened {
  readonly collectors: readonly Collector[];
  close(): Promise<void>;
}

export interface Tested {
  /** How many collectors share the history. */
  readonly collectors: number;
  readonly disorder: number;
  /** In what steps times are remembered, in milliseconds; exactly without it. */
  readonly step?: number;
  open(): Promise<Opened>;
}

/** What happens: an event comes to a collector, which may be killed before its commit, or an earlier event comes again. */
export const steps = fc.array(
  fc.record({
    who: fc.nat(2),
    at: fc.oneof(fc.integer({ min: 0, max: 8 * window }), fc.constantFrom(0, 1, window, window + 1, 2 * window)),
    user: fc.constantFrom("ada", "brook"),
    ips: fc.array(fc.constantFrom("10.0.0.1", "10.0.0.2", "10.0.0.3"), { minLength: 0, maxLength: 3 }),
    crashes: fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) },
    ),
    restarts: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    again: fc.option(fc.nat(), { freq: 5 }),
  }),
  { minLength: 1, maxLength: 40, size: "max" },
);

/** Tests that every kind of history passes, against plain lists of sightings. */
export const testHistory = ({ collectors: count, disorder, step, open }: Tested): void => {
  it("finds what plain lists find: in any order of times, and after kills, restarts and redeliveries", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const oracle = new Oracle(disorder, step);
        const { collectors, close } = await open();
        const handled: (readonly [Seen, number])[] = [];
        try {
          for (const [index, { who: chosen, crashes, restarts, again, ...rest }] of all.entries()) {
            const who = chosen % count;
            const collector = collectors[who]!;
            if (restarts) collector.restart();
            if (again !== null && handled.length > 0) {
              // One that committed the event knows it; another one gets the answer that the first one got.
              const [seen, by] = handled[again % handled.length]!;
              const { found } = await collector.handle(seen, crashes);
              const others = handled.some(([{ id }, each]) => id === seen.id && each === who);
              expect(found).toEqual(by === who || others ? [] : oracle.observe(seen));
              handled.push([seen, who]);
              continue;
            }
            const seen = { ...rest, id: `event ${index}` };
            const { found } = await collector.handle(seen, crashes);
            expect(found).toEqual(oracle.observe(seen));
            handled.push([seen, who]);
          }
        } finally {
          for (const collector of collectors) collector.close();
          await close();
        }
      }),
      { numRuns: process.env["WEIR_LONG"] ? 500 : 12 },
    );
  });
};
