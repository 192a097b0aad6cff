import fc from "fast-check";
import { mergeMap } from "rxjs";
import { expect, it } from "vitest";
import { type Delivery, RejectError, withData } from "weir";
import { flatMapEvents, mapEvents } from "weir/rxjs";
import { turn } from "../../src/testing/index.ts";
import {
  hurriedClock,
  keeping,
  lines,
  numbers,
  type Running,
  startRun,
  temporaryDir,
  topology,
  transformOf,
  unbalancedComponents,
} from "./harness.ts";

/** Choices that decide, in rotation, what happens to each number. */
interface Choices {
  /** How many successors the splitting transform makes of an event. */
  readonly splits: readonly number[];
  readonly rejects: readonly boolean[];
  readonly waits: readonly number[];
  /** How a sink answers for each event, in rotation. */
  readonly answers: readonly ("taken" | "later" | "never")[];
  readonly room: number;
}

const choices = fc.record({
  splits: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 9 }),
  rejects: fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }),
  waits: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 5 }),
  answers: fc.array(fc.constantFrom("taken", "taken", "taken", "later", "never"), { minLength: 1, maxLength: 20 }),
  room: fc.integer({ min: 1, max: 3000 }),
}) as fc.Arbitrary<Choices>;

const nth = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

const build = ({ splits, rejects, waits, answers, room }: Choices, records: number, probe: () => void) => {
  const numberOf = ({ data }: { readonly data: { readonly [key: string]: unknown } }) => Number(data["n"]);
  const split = transformOf(() =>
    flatMapEvents((event) => {
      probe();
      const copies = nth(splits, numberOf(event));
      if (copies === 0) return "split_to_none";
      return Array.from({ length: copies }, (_, copy) =>
        withData(event, { ...event.data, copy }, `${event.meta.id}/${copy}`),
      );
    }),
  );
  const reject = transformOf(() =>
    mapEvents((event) => {
      probe();
      if (nth(rejects, numberOf(event) + 1)) throw new RejectError("unwanted", "planted");
      return event;
    }),
  );
  const wait = transformOf(() => {
    let count = 0;
    return mergeMap(async (batch) => {
      for (let left = nth(waits, count++); left > 0; left--) await turn();
      probe();
      return batch;
    });
  });
  let asked = 0;
  const answering = keeping(async (events: readonly Delivery[]) => {
    probe();
    await turn();
    const failed = events.flatMap((_event, index) => {
      const answer = nth(answers, asked++);
      return answer === "taken" ? [] : [{ index, message: answer, final: answer === "never" }];
    });
    return { failed };
  });
  return topology({
    one: [lines([...numbers(records), ["not", "an", "object"] as never], { perReading: 5 })],
    two: [lines(numbers(records), { perReading: 3 })],
    split: [split, ["one"]],
    wait: [wait, ["one", "two"]],
    reject: [reject, ["split", "wait"]],
    narrow: [answering.plugin, ["reject", "two"], room],
    wide: [keeping(probe).plugin, ["split"]],
  });
};

it("L3: every component accounts for all events that it received or created, at any moment", async () => {
  await fc.assert(
    fc.asyncProperty(choices, fc.nat({ max: 60 }), fc.nat({ max: 40 }), async (given, records, stopAfter) => {
      // A sink that never takes one event would be retried forever.
      const chosen = { ...given, answers: [...given.answers, "taken" as const] };
      const dataDir = temporaryDir();
      let running: Running | undefined;
      let probes = 0;
      // Collected, since a throw within a lifted function would only make a dead letter.
      const unbalanced: [string, number][] = [];
      const probe = () => {
        if (!running) return;
        probes++;
        unbalanced.push(...Object.entries(unbalancedComponents(running.runtime.stats())));
      };
      const start = async () => {
        running = await startRun(build(chosen, records, probe), dataDir, {
          clock: hurriedClock,
          random: () => 0,
          budget: 2000,
        });
        return running.runtime;
      };
      const first = await start();
      for (let count = 0; count < stopAfter; count++) {
        await turn();
        probe();
      }
      await first.stop(5);
      probe();
      const second = await start();
      let isOver = false;
      void second.ended.then(() => {
        isOver = true;
      });
      while (!isOver) {
        await turn();
        probe();
      }
      expect((await second.ended).how).toBe("finished");
      expect(unbalanced).toEqual([]);
      const { components } = second.stats();
      for (const { component_in_flight_events } of Object.values(components))
        expect(component_in_flight_events).toBe(0);
      expect(probes).toBeGreaterThan(stopAfter);
    }),
    { numRuns: 15 },
  );
});
