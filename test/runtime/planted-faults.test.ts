import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { concatMap, filter, map, take } from "rxjs";
import { describe, expect, it } from "vitest";
import { type Plugin, RejectError } from "weir";
import { mapEvents } from "weir/rxjs";
import { writerOver } from "../../src/runtime/data-dir.ts";
import { decodeFrame, type Frame } from "../../src/storage/frame.ts";
import { segmentName } from "../../src/storage/segments.ts";
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
  unbalancedComponents,
  until,
} from "./harness.ts";
import { watchedStorage } from "./watched-storage.ts";

const minute = 60_000;
const hour = 60 * minute;
const values = (kept: readonly { readonly data: { readonly [key: string]: unknown } }[]) =>
  kept.map(({ data }) => data["n"]);

/** The dead letters of a data dir: what the host says of each, and its data. */
const deadLetters = (dataDir: string) => {
  const segment = readFileSync(join(dataDir, "outboxes", "dead_letter", segmentName(1)));
  const letters: { head: Record<string, unknown>; data: unknown }[] = [];
  for (let offset = 0; offset < segment.length; ) {
    const frame = decodeFrame(segment, offset) as Frame;
    letters.push({ head: JSON.parse(frame.head), data: JSON.parse(frame.data) });
    offset += frame.size;
  }
  return letters;
};

describe("a lifted function that throws", () => {
  it("sends its event to the dead letter in the commit of its batch, and goes on", async () => {
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

it("a throw outside of a lifted function ends the run with the component's name, and what is not settled is given back", async () => {
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

it("a transform that ends its stream by itself ends the run with its name", async () => {
  const plan = topology({
    in: [lines(numbers(20), { follow: true })],
    first: [transformOf(() => take(1)), ["in"]],
    out: [keeping().plugin, ["first"]],
  });
  const { runtime } = await startRun(plan, temporaryDir());
  expect(await runtime.ended).toMatchObject({ how: "failed", component: "first" });
});

it("a transform that swallows a batch is named after 5 s, and nothing after that batch is committed", async () => {
  const clock = virtualClock();
  const committed: number[] = [];
  const { kept, plugin } = keeping();
  const swallowing = transformOf(() => filter((batch) => batch.events[0]?.data["n"] !== 14));
  const source = lines(numbers(70), { follow: true, settled: (_outcome, end) => void committed.push(end) });
  const plan = topology({ in: [source], gulp: [swallowing, ["in"]], out: [plugin, ["gulp"]] });
  const { runtime, log } = await startRun(plan, temporaryDir(), { clock });
  await until(
    () => kept.length === 14,
    () => clock.advance(100),
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
  expect(unbalancedComponents(runtime.stats())).toEqual({});

  await inTime(clock, runtime.stop(1000));
  expect(await runtime.ended).toMatchObject({
    how: "failed",
    component: "gulp",
    error: new Error("the operator completed and kept a batch to itself; it has to send on every batch that it gets"),
  });
  expect(committed).toHaveLength(10);
});

describe("a sink that fails", () => {
  it("for an hour gets everything afterwards, in order, once; it is asked ever more seldom, and holds up no other", async () => {
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
    expect(unbalancedComponents(runtime.stats())).toEqual({});
    expect(await inTime(clock, runtime.ended)).toEqual({ how: "finished" });
  });

  it("for some events is asked again for those only; what it refuses for good is a dead letter before it counts as done", async () => {
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

it("a damaged frame of an outbox costs one event, which is a dead letter", async () => {
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

it("a segment of an outbox that is gone costs its own events, is noted, and the rest is delivered", async () => {
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
