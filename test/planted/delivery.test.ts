import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { writerOver } from "../../src/runtime/data-dir.ts";
import { segmentName } from "../../src/storage/segments.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { inTime, keeping, lines, numbers, startRun, temporaryDir, topology, until } from "../runtime/harness.ts";
import { watchedStorage } from "../runtime/watched-storage.ts";
import { deadLetters, expectBalance, values } from "./faults.ts";

const minute = 60_000;
const hour = 60 * minute;
describe("a sink that fails", () => {
  it("for an hour gets everything afterwards, once and in order; retries back off, and no other sink is blocked", async () => {
    const clock = virtualClock();
    const from = clock.now();
    /** When it was asked, up to the first time that it took something. */
    const asked: number[] = [];
    const broken = keeping(() => {
      if ((asked.at(-1) ?? 0) - from < hour) asked.push(clock.now());
      if (clock.now() - from >= hour) return undefined;
      throw new Error("no route to the far end");
    });
    const other = keeping();
    const plan = topology({
      in: [lines(numbers(200))],
      broken: [broken.plugin, ["in"]],
      other: [other.plugin, ["in"]],
    });
    const { runtime, log } = await startRun(plan, temporaryDir(), { clock, random: () => 1 });
    await until(() => other.kept.length === 200);
    expect(clock.now()).toBe(from);
    await until(
      () => broken.kept.length === 200,
      () => clock.advance(10_000),
    );
    await until(
      () => runtime.stats().components["broken"]!.component_in_flight_events === 0,
      () => clock.advance(100),
    );
    expect(values(broken.kept)).toEqual(numbers(200).map(({ n }) => n));
    expect(clock.now() - from).toBeLessThan(hour + minute);
    const waits = asked.slice(1).map((time, index) => time - asked[index]!);
    expect(waits.slice(0, 8)).toEqual([250, 500, 1000, 2000, 4000, 8000, 16000, 30000]);
    expect(new Set(waits.slice(7))).toEqual(new Set([30000]));
    expect(runtime.stats().components["broken"]!.component_retries_total).toBe(waits.length);
    expect(log.filter((line) => / in \d+ ms: no route to the far end$/.test(line))).toHaveLength(60);
    expectBalance({ runtime });
    expect(await inTime(clock, runtime.ended)).toEqual({ how: "finished" });
  });

  it("for some events is retried for those only; refused events are in the dead letter before they count as done", async () => {
    const dataDir = temporaryDir();
    const asked: unknown[][] = [];
    const tries = new Map<unknown, number>();
    const { kept, plugin } = keeping((events) => {
      asked.push(events.map(({ data }) => data["n"]));
      const failed = events.flatMap(({ data }, index) => {
        const attempt = (tries.get(data["n"]) ?? 0) + 1;
        tries.set(data["n"], attempt);
        if (data["n"] === 4) return [{ index, message: "four is too much", final: true }];
        const wanted = Number(data["n"]) % 3;
        return attempt <= wanted ? [{ index, message: "later", final: false }] : [];
      });
      return { failed, record: { asked: asked.length } };
    });
    const order: string[] = [];
    const { files, wrap } = watchedStorage(dataDir, ({ changes }) => {
      for (const { outbox } of changes?.ends ?? []) if (outbox === "dead_letter") order.push("dead letter");
      for (const { record } of changes?.delivered ?? []) order.push(`delivered ${JSON.stringify(record)}`);
      return undefined;
    });
    const plan = topology({ in: [lines(numbers(7))], out: [plugin, ["in"]] });
    const { runtime } = await startRun(plan, dataDir, { random: () => 0, makeWriter: writerOver(files, wrap) });
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(asked).toEqual([
      [0, 1, 2, 3, 4, 5, 6],
      [1, 2, 5],
      [2, 5],
    ]);
    expect(values(kept)).toEqual([0, 3, 6, 1, 2, 5]);
    expect(order).toEqual(["dead letter", 'delivered {"asked":3}']);
    expect(deadLetters(dataDir)).toMatchObject([
      {
        head: { id: "in/s@32", component: "out", reason: "refused_by_sink", message: "four is too much", attempts: 1 },
        data: { n: 4 },
      },
    ]);
    expect(runtime.stats().components["out"]).toMatchObject({
      component_sent_events_total: 6,
      component_dead_letter_events_total: { refused_by_sink: 1 },
      component_retries_total: 2,
      unbalanced_events: 0,
    });
  });
});

it("a damaged frame of an outbox loses one event, which goes to the dead letter", async () => {
  const dataDir = temporaryDir();
  const dead = keeping(() => {
    throw new Error("not today");
  });
  const source = lines(numbers(10));
  const first = await startRun(topology({ in: [source], out: [dead.plugin, ["in"]] }), dataDir);
  await until(() => first.runtime.stats().components["out"]!.component_retries_total > 0);
  await first.runtime.stop(0);
  const segment = join(dataDir, "outboxes", "out", segmentName(1));
  const bytes = readFileSync(segment);
  bytes[bytes.indexOf('{"n":6}') + 5] = 0x39;
  writeFileSync(segment, bytes);

  const { kept, plugin } = keeping();
  const { runtime } = await startRun(topology({ in: [source], out: [plugin, ["in"]] }), dataDir);
  expect(await runtime.ended).toEqual({ how: "finished" });
  expect(values(kept)).toEqual([0, 1, 2, 3, 4, 5, 7, 8, 9]);
  expect(deadLetters(dataDir)).toMatchObject([{ head: { component: "out", reason: "damaged" } }]);
  expect(runtime.stats().components["out"]).toMatchObject({
    component_sent_events_total: 9,
    component_dead_letter_events_total: { damaged: 1 },
    unbalanced_events: 0,
  });
});

it("a missing segment of an outbox loses its own events only, and is logged and counted", async () => {
  const dataDir = temporaryDir();
  const dead = keeping(() => {
    throw new Error("not today");
  });
  const first = await startRun(topology({ in: [lines(numbers(10))], out: [dead.plugin, ["in"]] }), dataDir);
  await until(() => first.runtime.stats().components["out"]!.component_retries_total > 0);
  await first.runtime.stop(0);
  // As if what is there were the second segment, and a first one before it had been lost.
  const directory = join(dataDir, "outboxes", "out");
  renameSync(join(directory, segmentName(1)), join(directory, segmentName(2)));
  const database = new DatabaseSync(join(dataDir, "weir.db"));
  database.exec("UPDATE outbox_end SET segment = 2 WHERE outbox = 'out'");
  database.close();

  const { kept, plugin } = keeping();
  const { runtime } = await startRun(topology({ in: [lines(numbers(10))], out: [plugin, ["in"]] }), dataDir);
  expect(await runtime.ended).toEqual({ how: "finished" });
  expect(values(kept)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(runtime.stats().components["out"]).toMatchObject({
    component_sent_events_total: 10,
    component_notes_total: { segment_gone: 1 },
    unbalanced_events: 0,
  });
});
