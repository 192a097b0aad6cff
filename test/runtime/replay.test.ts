import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Data, type Delivery, RejectError, withData } from "weir";
import { flatMapEvents, mapEvents } from "weir/rxjs";
import { openStopped } from "../../src/control/stopped.ts";
import { writerOver } from "../../src/runtime/data-dir.ts";
import type { DeadLetter } from "../../src/runtime/dead-letters/letter-files.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import {
  keeping,
  lines,
  numbers,
  startRun,
  temporaryDir,
  topology,
  transformOf,
  unbalancedComponents,
  until,
} from "./harness.ts";
import { systemError, watchedStorage } from "./watched-storage.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits for the commit of the letters, which comes after their counters have changed. */
const lettersOnDisk = async (runtime: Runtime, count: number): Promise<void> => {
  while ((await lettersOf(runtime)).length !== count) await turn();
};

const lettersOf = async (runtime: { readonly desk: Runtime["desk"] }): Promise<DeadLetter[]> => {
  const letters: DeadLetter[] = [];
  for await (const letter of runtime.desk.letters({})) letters.push(letter);
  return letters;
};

const numbersOf = (kept: readonly { readonly data: Data }[]) =>
  kept.map(({ data }) => Number(data["n"])).sort((a, b) => a - b);

/** A transform and a sink that reject the events for which `refuses` returns true. */
const refusing = (refuses: { transform: (n: number) => boolean; sink: (n: number) => boolean }) => {
  const check = transformOf(() =>
    mapEvents((event) => {
      if (refuses.transform(Number(event.data["n"]))) throw new RejectError("unwanted", "not now");
      return event;
    }),
  );
  const { kept, plugin } = keeping((events: readonly Delivery[]) => ({
    failed: events.flatMap(({ data }, index) =>
      refuses.sink(Number(data["n"])) ? [{ index, message: "not now", final: true }] : [],
    ),
  }));
  return { kept, check, plugin };
};

const nobody = { transform: () => false, sink: () => false };

describe("a replay", () => {
  it("delivers each event once, under its id, whichever component rejected it; records that still fail stay", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }), async (fates) => {
        const dataDir = temporaryDir();
        const refuses = {
          transform: (n: number) => fates[n] === 1,
          sink: (n: number) => fates[n] === 2,
        };
        const records = fates.map((fate, n) => (fate === 3 ? [n] : { n })) as readonly Data[];
        const { kept, check, plugin } = refusing(refuses);
        const plan = topology({
          in: [lines(records, { follow: true })],
          check: [check, ["in"]],
          out: [plugin, ["check"]],
        });
        const { runtime } = await startRun(plan, dataDir);
        const count = (fate: number) => fates.filter((other) => other === fate).length;
        await until(() => kept.length === count(0));
        await lettersOnDisk(runtime, fates.length - count(0));
        Object.assign(refuses, nobody);
        const result = await runtime.desk.replay({});
        expect(result).toMatchObject({ replayed: count(1) + count(2), marked: 0, unknown: [] });
        expect(result.refused.map(({ count: refused }) => refused)).toEqual(count(3) > 0 ? [count(3)] : []);
        await runtime.stop(5000);
        expect(unbalancedComponents(runtime.stats())).toEqual({});
        const ids = fates.flatMap((fate, n) =>
          fate === 3 ? [] : [[n, kept.filter(({ data }) => data["n"] === n).map(({ id }) => id)] as const],
        );
        const offsetOf = (n: number) =>
          records.slice(0, n).reduce((at, record) => at + JSON.stringify(record).length + 1, 0);
        expect(ids).toEqual(ids.map(([n]) => [n, [`in/s@${offsetOf(n)}`]]));

        const stopped = openStopped(dataDir);
        expect(
          (await lettersOf({ desk: stopped as unknown as Runtime["desk"] })).map(({ head }) => head.reason),
        ).toEqual(Array(count(3)).fill("not_an_object"));
        stopped.close();
      }),
      { numRuns: process.env["WEIR_LONG"] ? 200 : 15 },
    );
  });

  it("reaches exactly the components downstream, through every branch, in order", async () => {
    const fixed = { a: false, b: false };
    const step = (name: "a" | "b" | "c" | "d") =>
      transformOf(() =>
        flatMapEvents((event) => {
          if (name in fixed && !fixed[name as "a"]) throw new RejectError("unwanted", "not now");
          return [withData(event, { ...event.data, way: `${event.data["way"] ?? ""}${name}` })];
        }),
      );
    const { kept, plugin } = keeping();
    const other = keeping();
    const plan = topology({
      in: [lines(numbers(3), { follow: true })],
      a: [step("a"), ["in"]],
      b: [step("b"), ["a"]],
      c: [step("c"), ["a"]],
      d: [step("d"), ["b", "c"]],
      out: [plugin, ["d"]],
      other: [other.plugin, ["in"]],
    });
    const { runtime } = await startRun(plan, temporaryDir());
    const ways = () => kept.map(({ data }) => data["way"]).sort();
    await lettersOnDisk(runtime, 3);
    fixed.a = true;
    expect(await runtime.desk.replay({ component: "a" })).toMatchObject({ replayed: 3 });
    await until(() => kept.length === 3);
    expect(ways()).toEqual(["acd", "acd", "acd"]);
    fixed.b = true;
    expect(await runtime.desk.replay({ component: "b" })).toMatchObject({ replayed: 3 });
    await until(() => kept.length === 6);
    expect(ways()).toEqual(["abd", "abd", "abd", "acd", "acd", "acd"]);
    await runtime.stop(5000);
    expect(other.kept).toHaveLength(3);
    expect(await runtime.ended).toEqual({ how: "stopped" });
    expect(unbalancedComponents(runtime.stats())).toEqual({});
  });

  it("of marked letters happens at the next start, before a finite run ends", async () => {
    const dataDir = temporaryDir();
    const first = refusing({ transform: (n) => n % 2 === 1, sink: (n) => n % 10 === 0 });
    const plan = (parts: typeof first) =>
      topology({ in: [lines(numbers(50))], check: [parts.check, ["in"]], out: [parts.plugin, ["check"]] });
    const broken = await startRun(plan(first), dataDir);
    expect(await broken.runtime.ended).toEqual({ how: "finished" });
    const stopped = openStopped(dataDir);
    expect(await stopped.replay({ component: "check" })).toMatchObject({ replayed: 0, marked: 25 });
    stopped.close();

    const second = refusing(nobody);
    const mended = await startRun(plan(second), dataDir);
    expect(await mended.runtime.ended).toEqual({ how: "finished" });
    expect(numbersOf(second.kept)).toEqual(
      numbers(50)
        .map(({ n }) => n)
        .filter((n) => n % 2 === 1),
    );
    expect(mended.log.join("\n")).toContain("replayed 25 marked dead letters");
    const after = openStopped(dataDir);
    expect(await after.purge({})).toMatchObject({ purged: 5 });
    after.close();
  });

  it("leaves the letters unchanged when the run fails before the commit", async () => {
    const dataDir = temporaryDir();
    let isBroken = false;
    const { files, wrap } = watchedStorage(dataDir, ({ name }) =>
      isBroken && name === "sync" ? systemError("EIO") : undefined,
    );
    const { check, plugin } = refusing({ transform: () => true, sink: () => false });
    const plan = topology({
      in: [lines(numbers(5), { follow: true })],
      check: [check, ["in"]],
      out: [plugin, ["check"]],
    });
    const { runtime } = await startRun(plan, dataDir, { makeWriter: writerOver(files, wrap) });
    await lettersOnDisk(runtime, 5);
    isBroken = true;
    await expect(runtime.desk.replay({})).rejects.toThrow("the dead letters are unchanged");
    expect((await runtime.ended).how).toBe("failed");
    const stopped = openStopped(dataDir);
    expect(await stopped.purge({})).toMatchObject({ purged: 5 });
    stopped.close();
  });

  it("says why it refuses a letter", async () => {
    const dataDir = temporaryDir();
    const { check, plugin } = refusing({ transform: () => true, sink: () => false });
    const run = await startRun(
      topology({ in: [lines(numbers(2))], old: [check, ["in"]], out: [plugin, ["old"]] }),
      dataDir,
    );
    await run.runtime.ended;
    const { runtime } = await startRun(topology({ in: [lines([], { follow: true })], out: [plugin, ["in"]] }), dataDir);
    expect(await runtime.desk.replay({})).toEqual({
      replayed: 0,
      marked: 0,
      refused: [{ why: 'the pipeline has no component "old"', count: 2, id: "1-0" }],
      unknown: [],
    });
    expect(await lettersOf(runtime)).toHaveLength(2);
    await runtime.stop(1000);
    await expect(runtime.desk.replay({})).resolves.toMatchObject({ replayed: 0 });
  });
});

it("a purge makes room in a full dead letter, and the run continues", async () => {
  const { kept, check, plugin } = refusing({ transform: (n) => n % 2 === 0, sink: () => false });
  const plan = topology({
    in: [lines(numbers(200), { follow: true })],
    check: [check, ["in"]],
    out: [plugin, ["check"]],
  });
  const { runtime, log } = await startRun(plan, temporaryDir(), { deadLetterSize: 3000, budget: 500 });
  const stored = () => runtime.stats().outbox_bytes["dead_letter"]!;
  await until(() => log.some((line) => line.includes("the dead letter is full (3000 bytes)")));
  let purged = 0;
  while (kept.length < 100 || purged < 100) {
    expect(stored()).toBeLessThanOrEqual(3000);
    purged += (await runtime.desk.purge({ component: "check" })).purged;
    await turn();
  }
  expect(stored()).toBe(0);
  await runtime.stop(1000);
  expect(unbalancedComponents(runtime.stats())).toEqual({});
});
