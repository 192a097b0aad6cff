import fc from "fast-check";
import { mergeMap, tap } from "rxjs";
import { describe, expect, it } from "vitest";
import type { Plugin } from "weir";
import { type Batch, filterEvents } from "weir/rxjs";
import { turn } from "../../src/testing/index.ts";
import {
  keeping,
  keepOf,
  lines,
  numbers,
  startRun,
  temporaryDir,
  topology,
  transformOf,
  unbalancedComponents,
  until,
} from "./harness.ts";

/** Lets batches overtake each other: each waits for as many turns as the list says. */
const delaying = (waits: readonly number[]) =>
  transformOf(() => {
    let count = 0;
    return mergeMap(async (batch) => {
      for (let wait = waits[count++ % waits.length] ?? 0; wait > 0; wait--) await turn();
      return batch;
    });
  });
const waits = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 7 });

describe("the order of batches", () => {
  it("holds at a stateful transform behind steps that reorder batches, through fan-out and fan-in", async () => {
    await fc.assert(
      fc.asyncProperty(
        waits,
        waits,
        fc.nat({ max: 120 }),
        fc.nat({ max: 60 }),
        async (left, right, records, others) => {
          const seen: Batch[] = [];
          const watching = transformOf(() => tap((batch) => void seen.push(batch)));
          const { kept, plugin } = keeping();
          const plan = topology({
            one: [lines(numbers(records), { perReading: 4 })],
            two: [lines(numbers(others), { perReading: 3 })],
            left: [delaying(left), ["one"]],
            even: [transformOf(() => filterEvents(({ data }) => Number(data["n"]) % 2 === 0)), ["left"]],
            right: [delaying(right), ["one", "two"]],
            watch: [watching, ["right", "even"]],
            after: [delaying(right), ["watch"]],
            out: [plugin, ["after"]],
          });
          const { runtime } = await startRun(plan, temporaryDir());
          expect(await runtime.ended).toEqual({ how: "finished" });

          const sequence = seen.map(({ token }) => token!.batch);
          expect(sequence).toEqual(sequence.map((_, index) => index + 1));
          expect(seen).toHaveLength(Math.ceil(records / 4) + Math.ceil(others / 3));
          for (const [source, count] of [
            ["one", records],
            ["two", others],
          ] as const) {
            const all = numbers(count).map(({ n }) => n);
            const batches = seen
              .map(({ events }) =>
                events.filter(({ meta }) => meta.source === source).map(({ data }) => Number(data["n"])),
              )
              .filter((batch) => batch.length > 0);
            const size = source === "one" ? 4 : 3;
            const expected = Array.from({ length: Math.ceil(count / size) }, (_, index) =>
              all.slice(index * size, index * size + size),
            ).map((batch) => (source === "one" ? [...batch, ...batch.filter((n) => n % 2 === 0)] : batch));
            expect(batches).toEqual(expected);
          }
          expect(kept.map(({ id }) => id)).toEqual(seen.flatMap(({ events }) => events.map(({ meta }) => meta.id)));
          expect(unbalancedComponents(runtime.stats())).toEqual({});
        },
      ),
      { numRuns: 15 },
    );
  });

  it("is kept by batches that a filter emptied", async () => {
    const seen: number[] = [];
    const plan = topology({
      in: [lines(numbers(70))],
      none: [transformOf(() => filterEvents(() => false)), ["in"]],
      watch: [transformOf(() => tap(({ token }) => void seen.push(token!.batch))), ["none"]],
      out: [keeping().plugin, ["watch"]],
    });
    const { runtime } = await startRun(plan, temporaryDir());
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(runtime.stats().components["none"]!.component_consumed_events_total).toEqual({ filtered: 70 });
  });
});

describe("state", () => {
  /** Writes the number of each event under one key, and says what it read there before. */
  const last = keepOf(({ state }) => (event) => {
    const before = state.get("last");
    state.set("last", String(event.data["n"]));
    return { data: { ...event.data, before }, meta: event.meta };
  });

  it("is committed as of the batches of the commit, although later ones have written the same keys", async () => {
    let isOpen = false;
    const holding = transformOf(() =>
      mergeMap(async (batch) => {
        if (Number(batch.events[0]!.data["n"]) >= 14) await until(() => isOpen);
        return batch;
      }),
    );
    const { kept, plugin } = keeping();
    const seen: unknown[] = [];
    const plan = topology({
      // It follows, since the end of the run would close the database that is looked into.
      in: [lines(numbers(35), { follow: true })],
      last: [last, ["in"]],
      watch: [
        transformOf(() => tap(({ events }) => void seen.push(...events.map(({ data }) => data["before"])))),
        ["last"],
      ],
      hold: [holding, ["watch"]],
      out: [plugin, ["hold"]],
    });
    const { runtime, data } = await startRun(plan, temporaryDir());
    await until(() => kept.length === 14 && seen.length === 35);
    expect(seen.at(-1)).toBe("33");
    expect(data.reader.state("last", "last")?.value).toBe("13");
    isOpen = true;
    await until(() => data.reader.state("last", "last")?.value === "34");
    await runtime.stop(5000);
    expect(await runtime.ended).toEqual({ how: "stopped" });
    expect(kept).toHaveLength(35);
  });

  it("survives a restart, and is as without a restart for one source", async () => {
    const dataDir = temporaryDir();
    const { kept, plugin } = keeping();
    for (const count of [10, 25, 60]) {
      const plan = topology({ in: [lines(numbers(count))], last: [last, ["in"]], out: [plugin, ["last"]] });
      const { runtime } = await startRun(plan, dataDir);
      await runtime.ended;
    }
    expect(kept.map(({ data }) => data)).toEqual(
      numbers(60).map(({ n }) => (n === 0 ? { n } : { n, before: String(n - 1) })),
    );
  });

  it("cannot be written outside an event or tick", async () => {
    let write: () => void = () => undefined;
    const leaking = keepOf(({ state }) => {
      write = () => state.set("k", "v");
      return (event) => event;
    });
    const late = transformOf(() => tap(() => write()));
    const plan = topology({
      in: [lines(numbers(3))],
      leaking: [leaking, ["in"]],
      late: [late, ["leaking"]],
      out: [keeping().plugin, ["late"]],
    });
    const { runtime } = await startRun(plan, temporaryDir());
    const ending = await runtime.ended;
    expect(ending).toMatchObject({ how: "failed", component: "late" });
    expect(String((ending as { error: unknown }).error)).toContain('"leaking" wrote state outside an event or tick');
  });
});

it("groups commit independently: a stuck one does not keep others from ending", async () => {
  const stuck: Plugin = transformOf(() => mergeMap(() => new Promise<Batch>(() => undefined)));
  const { kept, plugin } = keeping();
  const settled: string[] = [];
  const plan = topology({
    a: [lines(numbers(50), { follow: true })],
    stuck: [stuck, ["a"]],
    nowhere: [keeping().plugin, ["stuck"]],
    b: [lines(numbers(50), { settled: (outcome) => void settled.push(outcome) })],
    out: [plugin, ["b"]],
  });
  const { runtime } = await startRun(plan, temporaryDir());
  await until(() => kept.length === 50);
  expect(settled).toEqual(new Array(8).fill("committed"));
  await runtime.stop(50);
  expect(await runtime.ended).toEqual({ how: "stopped" });
});
