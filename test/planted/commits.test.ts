import { concatMap, filter, map } from "rxjs";
import { describe, expect, it } from "vitest";
import { type Plugin, RejectError } from "weir";
import { mapEvents } from "weir/rxjs";
import { writerOver } from "../../src/runtime/data-dir.ts";
import { virtualClock } from "../../src/testing/index.ts";
import {
  inTime,
  keeping,
  lines,
  numbers,
  startRun,
  temporaryDir,
  topology,
  transformOf,
  until,
} from "../runtime/harness.ts";
import { watchedStorage } from "../runtime/watched-storage.ts";
import { deadLetters, expectBalance, values } from "./faults.ts";

describe("a lifted function that throws", () => {
  it("sends its event to the dead letter in the commit of its batch, and the run continues", async () => {
    const dataDir = temporaryDir();
    const commits: string[][] = [];
    const { files, wrap } = watchedStorage(dataDir, ({ changes }) => {
      if (changes && changes.checkpoints.length > 0) commits.push(changes.ends.map(({ outbox }) => outbox).sort());
      return undefined;
    });
    const { kept, plugin } = keeping();
    const picky = transformOf(() =>
      mapEvents((event) => {
        if (event.data["n"] === 3) throw new Error("three");
        if (event.data["n"] === 5) throw new RejectError("odd_one", "five is not for us");
        return event;
      }),
    );
    const plan = topology({ in: [lines(numbers(7))], picky: [picky, ["in"]], out: [plugin, ["picky"]] });
    const { runtime } = await startRun(plan, dataDir, { makeWriter: writerOver(files, wrap) });
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(values(kept)).toEqual([0, 1, 2, 4, 6]);
    expect(commits).toEqual([["dead_letter", "out"]]);
    expect(deadLetters(dataDir)).toMatchObject([
      {
        head: { id: "in/s@24", component: "picky", reason: "transform_error", message: "three", source: "in" },
        data: { n: 3 },
      },
      { head: { id: "in/s@40", component: "picky", reason: "odd_one", message: "five is not for us" }, data: { n: 5 } },
    ]);
    expect(runtime.stats().components["picky"]).toMatchObject({
      component_dead_letter_events_total: { transform_error: 1, odd_one: 1 },
    });
  });
});

it("an error outside a lifted function ends the run, naming the component, and unsettled batches are abandoned", async () => {
  const outcomes: string[] = [];
  const { kept, plugin } = keeping();
  const bad = transformOf(() =>
    concatMap(async (batch) => {
      if (batch.events.some(({ data }) => data["n"] === 30)) throw new Error("no way on");
      return batch;
    }),
  );
  const dataDir = temporaryDir();
  const source = lines(numbers(100), { settled: (outcome) => void outcomes.push(outcome) });
  const plan = (transform: Plugin) => topology({ in: [source], t: [transform, ["in"]], out: [plugin, ["t"]] });
  const { runtime } = await startRun(plan(bad), dataDir);
  expect(await runtime.ended).toMatchObject({ how: "failed", component: "t", error: new Error("no way on") });
  expect(outcomes).toContain("abandoned");
  expect(Math.max(-1, ...values(kept).map(Number))).toBeLessThan(30);

  const again = await startRun(plan(transformOf(() => map((batch) => batch))), dataDir);
  expect(await again.runtime.ended).toEqual({ how: "finished" });
  expect([...new Set(values(kept))]).toEqual(values(numbers(100).map((data) => ({ data }))));
});

it("a transform that swallows a batch is reported after 5 s, and nothing after that batch is committed", async () => {
  const clock = virtualClock();
  const committed: number[] = [];
  const { kept, plugin } = keeping();
  const swallowing = transformOf(() => filter((batch) => batch.events[0]?.data["n"] !== 14));
  const source = lines(numbers(70), { follow: true, settled: (_outcome, end) => void committed.push(end) });
  const plan = topology({ in: [source], gulp: [swallowing, ["in"]], out: [plugin, ["gulp"]] });
  const { runtime, log } = await startRun(plan, temporaryDir(), { clock });
  // No faster than time itself, so that a slow disk does not make the batch look held.
  await until(
    () => kept.length === 14,
    () => clock.advance(1),
  );
  await until(() => runtime.stats().components["in"]!.component_sent_events_total === 70);
  await clock.advance(4_000);
  expect([...runtime.unready.keys()]).toEqual([]);
  await clock.advance(3_000);
  expect([...runtime.unready.keys()]).toEqual(["gulp"]);
  expect(runtime.unready.get("gulp")).toMatch(/^the transform "gulp" has held a batch for [567] s/);
  expect(log.filter((line) => line.startsWith("gulp error"))).toHaveLength(1);
  expect(values(kept)).toEqual(numbers(14).map(({ n }) => n));
  expect(committed).toHaveLength(2);
  expect(runtime.stats().components["gulp"]!.component_in_flight_events).toBe(7);
  expectBalance({ runtime });

  await inTime(clock, runtime.stop(1000));
  expect(await runtime.ended).toMatchObject({
    how: "failed",
    component: "gulp",
    error: new Error(
      "the operator completed without sending on all of its batches; it must send on every batch that it gets",
    ),
  });
  expect(committed).toHaveLength(10);
});
