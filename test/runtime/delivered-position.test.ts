import { mergeMap } from "rxjs";
import { expect, it } from "vitest";
import { writerOver } from "../../src/runtime/data-dir.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { inTime, keeping, lines, numbers, startRun, temporaryDir, topology, transformOf, until } from "./harness.ts";
import { systemError, watchedStorage } from "./watched-storage.ts";

it("the delivered position never moves back when a commit is retried on a full disk", async () => {
  const clock = virtualClock();
  const dataDir = temporaryDir();
  const places: [segment: number, offset: number][] = [];
  let isFull = false;
  const { files, wrap } = watchedStorage(dataDir, ({ name, changes }) => {
    for (const { outbox, place } of changes?.delivered ?? [])
      if (outbox === "out") places.push([place.segment, place.offset]);
    return name === "write" && isFull ? systemError("ENOSPC") : undefined;
  });
  /** The sink accepts as many events as this, one at a time. */
  let allowed = 0;
  const { kept, plugin } = keeping(() => {
    if (allowed-- <= 0) throw new Error("not now");
  });
  let isOpen = false;
  const gate = transformOf(() =>
    mergeMap(async (batch) => {
      await until(() => isOpen);
      return batch;
    }),
  );
  const plan = topology({
    in: [lines(numbers(10), { follow: true })],
    late: [lines(numbers(2), { follow: true })],
    gate: [gate, ["late"]],
    out: [plugin, ["in"], { batch: { maxEvents: 1, maxSize: 1 << 20, timeout: 0 }, retry: { initial: 10, max: 10 } }],
    other: [keeping().plugin, ["gate"]],
  });
  const { runtime } = await startRun(plan, dataDir, { clock, random: () => 1, makeWriter: writerOver(files, wrap) });
  const untilKept = (count: number) =>
    until(
      () => kept.length === count,
      () => clock.advance(10),
    );
  await until(() => runtime.stats().components["in"]!.component_sent_events_total === 10);
  // One event is delivered while the next commit, which records its position, fails.
  isFull = true;
  isOpen = true;
  allowed = 1;
  await untilKept(1);
  await until(
    () => runtime.unready.has("weir"),
    () => clock.advance(10),
  );
  // More are delivered while it waits to be retried. Their position is committed alone, which needs no space.
  allowed = 3;
  await untilKept(4);
  const retries = runtime.stats().commit_retries_total;
  await until(
    () => runtime.stats().commit_retries_total >= retries + 2,
    () => clock.advance(100),
  );
  isFull = false;
  allowed = 10;
  await untilKept(10);
  await inTime(clock, runtime.stop(5000));
  expect(await runtime.ended).toEqual({ how: "stopped" });
  expect(kept.map(({ data }) => data["n"])).toEqual(numbers(10).map(({ n }) => n));
  expect(places).toEqual(places.toSorted(([a, b], [c, d]) => a - c || b - d));
});
