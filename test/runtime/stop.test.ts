import { mergeMap, Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import type { Batch } from "weir/rxjs";
import { systemClock } from "weir/testing";
import { type MakeWriter, writerOver } from "../../src/runtime/data-dir.ts";
import { turn, virtualClock } from "../../src/testing/index.ts";
import {
  inTime,
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

const values = (kept: readonly { readonly data: { readonly [key: string]: unknown } }[]) =>
  kept.map(({ data }) => data["n"]);
const all = (count: number) => numbers(count).map(({ n }) => n);

describe("a stop", () => {
  it("drains what was read, and the next start continues after it: every event once, in order", async () => {
    const dataDir = temporaryDir();
    const delivered: unknown[] = [];
    for (const stopAt of [20, 90, 160, 300]) {
      const { kept, plugin } = keeping();
      const plan = topology({ in: [lines(numbers(300), { follow: true })], out: [plugin, ["in"]] });
      const { runtime } = await startRun(plan, dataDir, { budget: 200 });
      await until(() => delivered.length + kept.length >= stopAt);
      await runtime.stop(10_000);
      expect(await runtime.ended).toEqual({ how: "stopped" });
      expect(unbalancedComponents(runtime.stats())).toEqual({});
      delivered.push(...values(kept));
    }
    expect(delivered).toEqual(all(300));
  });

  it("blames no operator that gets a batch after the deadline", async () => {
    const clock = virtualClock();
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    /** Passes batches on, but holds the batch of this number until its gate opens. */
    const holding = (held: number, gate: Promise<void>) =>
      transformOf(() => {
        let count = 0;
        return mergeMap(async (batch) => {
          if (++count === held) await gate;
          return batch;
        });
      });
    // Delivery hangs, so that there is time between the deadline and the end.
    const hung = keeping(() => new Promise(() => undefined));
    const plan = topology({
      in: [lines(numbers(3), { perReading: 1, follow: true })],
      first: [holding(3, gates[0].promise), ["in"]],
      second: [holding(2, gates[1].promise), ["first"]],
      out: [hung.plugin, ["second"]],
    });
    const { runtime } = await startRun(plan, temporaryDir(), { clock });
    await until(
      () => ["first", "second"].every((id) => runtime.stats().components[id]!.component_in_flight_events === 1),
      () => clock.advance(20),
    );
    const stopped = runtime.stop(0);
    await clock.advance(20);
    for (const gate of gates) {
      gate.resolve();
      for (let turns = 0; turns < 5; turns++) await turn();
    }
    await inTime(clock, stopped);
    expect(await runtime.ended).toMatchObject({ how: "stopped" });
  });

  it("does not wait for a hanging sink after the deadline; the next start delivers the rest", async () => {
    const clock = virtualClock();
    const dataDir = temporaryDir();
    const hung = keeping(() => new Promise(() => undefined));
    const other = keeping();
    const source = lines(numbers(40), { follow: true });
    const first = await startRun(
      topology({ in: [source], hung: [hung.plugin, ["in"]], other: [other.plugin, ["in"]] }),
      dataDir,
      { clock },
    );
    await until(() => other.kept.length === 40);
    const from = clock.now();
    await inTime(clock, first.runtime.stop(5000));
    expect(clock.now() - from).toBeLessThanOrEqual(5000 + 3 * 1500 + 500);
    expect(await first.runtime.ended).toEqual({ how: "stopped", hung: [`a write of "hung"`] });

    const { kept, plugin } = keeping();
    const again = keeping();
    const second = await startRun(
      topology({ in: [lines(numbers(40))], hung: [plugin, ["in"]], other: [again.plugin, ["in"]] }),
      dataDir,
    );
    expect(second.runtime.stats().components["hung"]!.component_created_events_total).toBe(40);
    expect(await second.runtime.ended).toEqual({ how: "finished" });
    expect(values(kept)).toEqual(all(40));
    expect(again.kept).toEqual([]);
    expect(unbalancedComponents(second.runtime.stats())).toEqual({});
  });

  it("does not wait for a commit that does not return; its batches are abandoned, and read again", async () => {
    const clock = virtualClock();
    const dataDir = temporaryDir();
    let isFrozen = false;
    const frozen: MakeWriter = (options) => {
      const writer = writerOver()(options);
      return { ...writer, commit: (request) => (isFrozen ? new Promise(() => undefined) : writer.commit(request)) };
    };
    const outcomes: string[] = [];
    const source = lines(numbers(14), { follow: true, settled: (outcome) => void outcomes.push(outcome) });
    const { kept, plugin } = keeping();
    const plan = topology({ in: [source], out: [plugin, ["in"]] });
    isFrozen = true;
    const { runtime, data } = await startRun(plan, dataDir, { clock, makeWriter: frozen });
    await until(() => runtime.isCommitting);
    const from = clock.now();
    await inTime(clock, runtime.stop(5000));
    expect(clock.now() - from).toBeLessThanOrEqual(5000 + 3 * 1500 + 500);
    expect(await runtime.ended).toEqual({ how: "stopped", hung: ["a write to the data dir"] });
    expect([kept, outcomes.includes("committed")]).toEqual([[], false]);
    await data.close();
    const again = await startRun(topology({ in: [lines(numbers(14))], out: [plugin, ["in"]] }), dataDir);
    expect(await again.runtime.ended).toEqual({ how: "finished" });
    expect(values(kept)).toEqual(all(14));
  });

  it("ends at the deadline while the disk is full, and abandons what was not committed", async () => {
    const clock = virtualClock();
    const dataDir = temporaryDir();
    const { files, wrap } = watchedStorage(dataDir, ({ name }) =>
      name === "write" ? systemError("ENOSPC") : undefined,
    );
    const outcomes: string[] = [];
    const source = lines(numbers(14), { settled: (outcome) => void outcomes.push(outcome) });
    const { kept, plugin } = keeping();
    const plan = topology({ in: [source], out: [plugin, ["in"]] });
    const { runtime, log } = await startRun(plan, dataDir, { clock, makeWriter: writerOver(files, wrap) });
    await until(
      () => runtime.stats().commit_retries_total >= 3,
      () => clock.advance(1000),
    );
    expect(log.filter((line) => line.startsWith("weir error a commit failed"))).not.toEqual([]);
    await inTime(clock, runtime.stop(3000));
    expect(await runtime.ended).toEqual({ how: "stopped" });
    expect(outcomes).toEqual(["abandoned", "abandoned"]);
    expect(kept).toEqual([]);
    const again = await startRun(plan, dataDir);
    expect(await again.runtime.ended).toEqual({ how: "finished" });
    expect(values(kept)).toEqual(all(14));
  });

  it("ends the run once, if requested twice or while the run is ending", async () => {
    for (const wait of [0, 1, 2, 3, 5, 8, 13, 21]) {
      const { kept, plugin } = keeping();
      const plan = topology({ in: [lines(numbers(14))], out: [plugin, ["in"]] });
      const dataDir = temporaryDir();
      const { runtime } = await startRun(plan, dataDir);
      let turns = 0;
      await until(() => turns++ >= wait);
      await Promise.all([runtime.stop(1000), runtime.stop(1000)]);
      expect((await runtime.ended).how).not.toBe("failed");
      const again = await startRun(plan, dataDir);
      await again.runtime.ended;
      expect(values(kept)).toEqual(all(14));
    }
  });

  it("notifies a reading whose commit is in progress at the deadline", async () => {
    const clock = virtualClock();
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow: MakeWriter = (options) => {
      const writer = writerOver()(options);
      return {
        ...writer,
        commit: async (request) => {
          await opened;
          return writer.commit(request);
        },
      };
    };
    const outcomes: string[] = [];
    const source = lines(numbers(7), { settled: (outcome) => void outcomes.push(outcome) });
    const plan = topology({ in: [source], out: [keeping().plugin, ["in"]] });
    const { runtime } = await startRun(plan, temporaryDir(), { clock, makeWriter: slow });
    await until(() => runtime.stats().components["in"]!.component_sent_events_total === 7);
    const stopped = runtime.stop(1000);
    await clock.advance(1500);
    expect(outcomes).toEqual([]);
    open();
    await inTime(clock, stopped);
    expect(outcomes).toEqual(["committed"]);
  });
});

it("a transform that collects batches sends them on when no more will come, before later transforms complete", async () => {
  const gathering = (count: number) =>
    transformOf(
      () => (batches) =>
        new Observable<Batch>((out) => {
          const held: Batch[] = [];
          const flush = () => {
            for (const batch of held.splice(0)) out.next(batch);
          };
          return batches.subscribe({
            next: (batch) => {
              if (held.push(batch) === count) flush();
            },
            complete: () => {
              flush();
              out.complete();
            },
          });
        }),
    );
  const { kept, plugin } = keeping();
  const plan = topology({
    in: [lines(numbers(100), { perReading: 3 })],
    three: [gathering(3), ["in"]],
    five: [gathering(5), ["three"]],
    out: [plugin, ["five"]],
  });
  const { runtime } = await startRun(plan, temporaryDir());
  expect(await runtime.ended).toEqual({ how: "finished" });
  expect(values(kept)).toEqual(all(100));
});

it("ingestion times do not run backwards across a restart, unless the clock was set back a lot", async () => {
  const dataDir = temporaryDir();
  const start = Date.UTC(2026, 3, 1);
  const stamps: number[] = [];
  const minutes = (count: number) => count * 60_000;
  const logs: string[] = [];
  for (const [records, now] of [
    [10, start],
    [20, start - minutes(4)],
    [30, start + minutes(1)],
    [40, start - minutes(9)],
  ] as const) {
    const { plugin } = keeping((events) => void stamps.push(...events.map(({ meta }) => meta.ingested)));
    const plan = topology({ in: [lines(numbers(records), { perReading: 10 })], out: [plugin, ["in"]] });
    const { runtime, log } = await startRun(plan, dataDir, { clock: { ...systemClock, now: () => now } });
    await runtime.ended;
    logs.push(...log.filter((line) => line.includes("the clock was set back")));
    expect(logs).toHaveLength(records === 40 ? 1 : 0);
  }
  expect(logs[0]).toMatch(/ingestion times follow it\. What was seen only at later times may count as new once more/);
  const expected = [start, start, start + minutes(1), start - minutes(9)];
  expect(stamps).toEqual(expected.flatMap((stamp) => new Array(10).fill(stamp)));
});
