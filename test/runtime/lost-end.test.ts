import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { openStopped } from "../../src/control/stopped.ts";
import { openDataDir, writerOver } from "../../src/runtime/data-dir.ts";
import { FrameReader } from "../../src/runtime/delivery/frame-reader.ts";
import { Database, noChanges, type Place } from "../../src/storage/database.ts";
import { encodeFrame } from "../../src/storage/frame.ts";
import { findLostEnd } from "../../src/storage/lost-end.ts";
import { keepEvidence } from "../../src/storage/recover.ts";
import { listSegments, outboxDirectory, segmentName } from "../../src/storage/segments.ts";
import { keeping, lines, numbers, startRun, temporaryDir, topology, until } from "./harness.ts";

const start: Place = { segment: 1, offset: 0 };
const files = ["weir.db", "weir.db-wal"] as const;
const numbersOfCommits = ["last-commit", "outboxes/last-commit"] as const;

/** A copy of a data dir as a kill leaves it. */
const killed = (dataDir: string): string => {
  const copy = join(temporaryDir(), "data");
  cpSync(dataDir, copy, { recursive: true, filter: (path) => !path.endsWith("-shm") && !path.endsWith("lock.db") });
  return copy;
};
/** Everything in a data dir that a start could change. */
const listing = (dataDir: string) =>
  (readdirSync(dataDir, { recursive: true }) as string[])
    .filter((name) => !/lock|shm/.test(name))
    .map((name) => `${name} ${statSync(join(dataDir, name)).size}`)
    .sort();

const down = () => {
  throw new Error("the receiver is down");
};
/** The data dir of a run with events that wait for their receiver, killed. */
const waiting = async (): Promise<string> => {
  const dataDir = temporaryDir();
  let committed = 0;
  const settled = (_outcome: string, end: number) => {
    committed = end;
  };
  const plan = topology({
    in: [lines(numbers(40), { follow: true, settled })],
    out: [keeping(down).plugin, ["in"]],
  });
  const { runtime } = await startRun(plan, dataDir);
  const all = numbers(40).reduce((bytes, record) => bytes + JSON.stringify(record).length + 1, 0);
  await until(() => committed === all);
  const copy = killed(dataDir);
  await runtime.stop(0);
  return copy;
};
/** Starts again, with a receiver that works and `more` records at the source; what arrives. */
const delivered = async (dataDir: string, options: { recover?: boolean; count?: number } = {}) => {
  const { kept, plugin } = keeping();
  const plan = topology({ in: [lines(numbers(options.count ?? 0))], out: [plugin, ["in"]] });
  const run = await startRun(plan, dataDir, options);
  await run.runtime.ended;
  return { ...run, events: kept.map(({ data }) => data["n"]) };
};
const all = numbers(40).map(({ n }) => n);

it.each([
  ["missing", (path: string) => rmSync(path), true],
  ["empty", (path: string) => truncateSync(path, 0), true],
  ["missing, and no commit was written down", (path: string) => rmSync(path), false],
])(
  "refuses a weir.db that is %s, changes nothing, and recovers all events when told to",
  async (_what, spoil, known) => {
    const dataDir = await waiting();
    spoil(join(dataDir, "weir.db"));
    if (!known) for (const name of numbersOfCommits) rmSync(join(dataDir, name));
    const before = listing(dataDir);
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => openDataDir(dataDir)).toThrow(
        /^".*weir\.db" is missing or empty, but .*: the checkpoints and the state of the missing commits are lost\. It knows nothing of events that may be undelivered: \d+ bytes for "out"\. .*put them back\. Otherwise start once with weir run --recover: .*use another --data-dir\.$/,
      );
      expect(listing(dataDir)).toEqual(before);
    }
    const recovered = await delivered(dataDir, { recover: true });
    expect(recovered.events).toEqual(all);
    expect(recovered.data.repairs).toEqual([
      expect.stringMatching(/^recovering ".*": there are no checkpoints and no state; sources start anew$/),
      'recovered 40 events for "out": delivery continues at byte 0 of segment 1, and some may be delivered again',
    ]);
    expect((await delivered(dataDir)).events).toEqual([]);
  },
);

it("still knows of the loss if it is killed while it recovers", async () => {
  const dataDir = await waiting();
  for (const name of [...files, ...numbersOfCommits]) rmSync(join(dataDir, name));
  keepEvidence(dataDir, findLostEnd(dataDir)!);
  new Database(join(dataDir, "weir.db")).close();
  expect(() => openDataDir(dataDir)).toThrow("ends with commit 0, but weir has made commit 1: ");
  expect((await delivered(dataDir, { recover: true })).events).toEqual(all);
});

it("notices a weir.db that is two segments behind, even if no commit was written down", async () => {
  const dataDir = temporaryDir();
  const data = openDataDir(dataDir, (options) => writerOver()({ ...options, segmentBytes: 10 }));
  const commit = (n: number) =>
    data.writer.commit({ ...noChanges, appends: [{ outbox: "out", bytes: encodeFrame(`{"n":${n}}`, "{}") }] });
  await commit(0);
  const older = killed(dataDir);
  for (const n of [1, 2]) {
    await commit(n);
    const left = killed(dataDir);
    for (const name of numbersOfCommits) rmSync(join(left, name));
    for (const name of files) cpSync(join(older, name), join(left, name));
    // One more segment is what an append without its commit leaves.
    if (n === 1) expect(findLostEnd(left)).toBeUndefined();
    else
      expect(() => openDataDir(left)).toThrow(
        "ends with commit 1, but the outboxes have segments of later commits, which it does not know: ",
      );
  }
  await data.close();
});

it("says at the start that the number of the last commit cannot be read, once", async () => {
  const dataDir = await waiting();
  const [first, second] = numbersOfCommits.map((name) => join(dataDir, name)) as [string, string];
  const text = readFileSync(first, "latin1");
  writeFileSync(
    first,
    text.replace(/\d /, (digit) => (digit === "1 " ? "2 " : "1 ")),
  );
  writeFileSync(second, "");
  const { data, events } = await delivered(dataDir);
  expect(data.repairs).toEqual([
    `"${first}" is damaged: if weir.db has lost commits, it cannot show that. It is written anew`,
  ]);
  expect(events).toEqual(all);
  expect((await delivered(dataDir)).data.repairs).toEqual([]);
});

it("refuses commands on a stopped data dir whose weir.db is gone or has lost its end", async () => {
  const dataDir = await waiting();
  const path = join(dataDir, "weir.db");
  truncateSync(`${path}-wal`, Math.floor(statSync(`${path}-wal`).size / 2));
  expect(() => openStopped(dataDir)).toThrow(/ends with commit \d+, but weir has made commit \d+: /);
  rmSync(path);
  expect(() => openStopped(dataDir)).toThrow("is missing or empty, but weir has made commit");
  expect(existsSync(path)).toBe(false);
});

it("notices a cut of the WAL anywhere exactly if it loses a commit, and recovers the events of all commits", async () => {
  const whole = await waiting();
  const length = statSync(join(whole, "weir.db-wal")).size;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: length }), async (cut) => {
      const dataDir = killed(whole);
      truncateSync(join(dataDir, "weir.db-wal"), cut);
      const lost = findLostEnd(dataDir);
      if (cut === length) expect(lost).toBeUndefined();
      if (lost) expect(lost.isEmpty || lost.held < lost.made).toBe(true);
      expect((await delivered(dataDir, { recover: lost !== undefined })).events).toEqual(all);
    }),
    { numRuns: process.env["WEIR_LONG"] ? 12 : 5, examples: [[0], [length], [length - 1]] },
  );
});

it("starts without its only segment, counts it, and delivers what comes later", async () => {
  for (const removed of ["0000000001.segment", "."]) {
    const dataDir = await waiting();
    rmSync(join(outboxDirectory(dataDir, "out"), removed), { recursive: true });
    const { events, runtime, data } = await delivered(dataDir, { count: 45 });
    expect(events).toEqual([40, 41, 42, 43, 44]);
    expect(data.repairs).toEqual([
      'segment 1 of the outbox "out" is missing: what was in it and not delivered is lost',
    ]);
    expect(runtime.stats().components["out"]!.component_notes_total).toEqual({ segment_gone: 1 });
    const again = await delivered(dataDir, { count: 46 });
    expect([again.events, again.data.repairs]).toEqual([[45], []]);
  }
});

it("comes to its end without its only segment, when nothing comes later", async () => {
  const dataDir = await waiting();
  rmSync(join(outboxDirectory(dataDir, "out"), segmentName(1)));
  expect((await delivered(dataDir)).events).toEqual([]);
  const again = await delivered(dataDir);
  expect([again.events, again.data.repairs]).toEqual([[], []]);
});

it("does not call a delivered segment lost", async () => {
  // Its blocks are given back to the disk by cutting it to nothing first, and a crash can come between.
  for (const damage of [rmSync, (path: string) => truncateSync(path, 0), (path: string) => truncateSync(path, 100)]) {
    const dataDir = await waiting();
    await delivered(dataDir);
    damage(join(outboxDirectory(dataDir, "out"), segmentName(1)));
    const { log, events, data } = await delivered(dataDir, { count: 41 });
    expect([events, data.repairs]).toEqual([[40], []]);
    expect(log.filter((line) => line.includes("error"))).toEqual([]);
  }
});

/** Frames of one outbox, some larger than what is hollowed out when it is delivered. */
const frameOf = (n: number, size: number): Buffer => encodeFrame(JSON.stringify({ n }), `"${"x".repeat(size)}"`);

const step = fc.oneof(
  fc.record({ append: fc.array(fc.oneof(fc.nat(600), fc.constant(400_000)), { minLength: 1, maxLength: 4 }) }),
  fc.record({ deliver: fc.nat(6) }),
);

it("recovers every undelivered event with the database of any earlier moment, and no frame that is not whole", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 14 }),
      fc.nat(),
      fc.nat(40),
      async (steps, moment, torn) => {
        const dataDir = temporaryDir();
        const data = openDataDir(dataDir, (options) => writerOver()({ ...options, segmentBytes: 1_500_000 }));
        const older = join(temporaryDir(), "older");
        const keptAt = moment % (steps.length + 1);
        /** The place after each frame. */
        const places: Place[] = [];
        let done = 0;
        let isOlder = false;
        for (let index = 0; index <= steps.length; index++) {
          if (index === keptAt) for (const name of files) cpSync(join(dataDir, name), join(older, name));
          const next = steps[index];
          if (!next) break;
          const frames = "append" in next ? next.append.map((size, at) => frameOf(places.length + at, size)) : [];
          if ("deliver" in next) done = Math.min(places.length, done + next.deliver);
          const place = done === 0 ? start : places[done - 1]!;
          const answer = await data.writer.commit({
            ...noChanges,
            appends: frames.length > 0 ? [{ outbox: "out", bytes: Buffer.concat(frames) }] : [],
            delivered: [{ outbox: "out", place, record: undefined }],
          });
          if (!answer.ok) throw new Error(answer.message);
          isOlder ||= index >= keptAt;
          let offset = answer.ends[0] ? answer.ends[0].end.offset - Buffer.concat(frames).length : 0;
          for (const frame of frames) {
            offset += frame.length;
            places.push({ segment: answer.ends[0]!.end.segment, offset });
          }
        }
        const left = killed(dataDir);
        await data.close();
        for (const name of files) cpSync(join(older, name), join(left, name));
        const directory = outboxDirectory(left, "out");
        const last = listSegments(directory).at(-1);
        // An append that a crash interrupted is normal, with and without a loss.
        if (last) writeFileSync(join(directory, segmentName(last)), frameOf(-1, 50).subarray(0, torn), { flag: "a" });
        expect(findLostEnd(left) !== undefined).toBe(isOlder);
        if (isOlder) expect(() => openDataDir(left)).toThrow("start once with weir run --recover");
        const again = openDataDir(left, writerOver(), { recover: isOlder });
        const reader = new FrameReader(directory);
        const found: number[] = [];
        const end = again.saved.ends.get("out") ?? start;
        const limits = { maxEvents: 100, maxSize: 1 << 20 };
        const from = again.saved.delivered.get("out")?.place ?? start;
        for (let chunk = await reader.read(from, end, limits); chunk; chunk = await reader.read(chunk.end, end, limits))
          for (const { head, damaged } of chunk.frames) found.push(damaged ? Number.NaN : JSON.parse(head).n);
        await reader.close();
        await again.close();
        const first = isOlder ? (found[0] ?? places.length) : done;
        expect(first).toBeLessThanOrEqual(done);
        expect(found).toEqual(places.map((_, n) => n).slice(first));
      },
    ),
    { numRuns: process.env["WEIR_LONG"] ? 40 : 15 },
  );
});
