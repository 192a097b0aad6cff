import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { diskModel } from "../../test/runtime/disk-model.ts";
import { temporaryDir } from "../../test/runtime/harness.ts";
import { sqliteError, watchedStorage } from "../../test/runtime/watched-storage.ts";
import { Committer } from "./committer.ts";
import { type Changes, Database, noChanges, type Place } from "./database.ts";
import { systemFiles } from "./files.ts";
import { restoreHeldFrames } from "./held-frames.ts";
import { Reader } from "./reader.ts";
import { listSegments, outboxDirectory, segmentName } from "./segments.ts";

const size = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 100_000 }));
const commits = fc.array(
  fc.record({
    appends: fc.dictionary(fc.constantFrom("a", "b"), size),
    /** How much of what is left is delivered before the commit, by outbox. */
    delivered: fc.record({ a: fc.constantFrom(0, 0.3, 1), b: fc.constantFrom(0, 0, 0.5) }),
  }),
  { maxLength: 40 },
);

/** Commits to a data dir and cuts the power. Returns what is left, and what each outbox must still have. */
const commitAndCut = async (steps: typeof commits extends fc.Arbitrary<infer T> ? T : never, luck: number) => {
  const dataDir = temporaryDir();
  mkdirSync(join(dataDir, "outboxes"));
  const model = diskModel(dataDir);
  const { files, wrap } = watchedStorage(dataDir, (call) => void model.note(call));
  const database = wrap(new Database(join(dataDir, "weir.db")));
  const committer = new Committer({ dataDir, files, database, ends: new Map(), segmentBytes: 200_000 });
  const written = new Map<string, { text: string; delivered: number }>();
  const ends = new Map<string, { end: Place; start: number }>();
  for (const [index, { appends, delivered }] of steps.entries()) {
    const places = Object.entries(delivered).flatMap(([outbox, share]) => {
      const known = written.get(outbox);
      const last = ends.get(outbox);
      if (!known || !last || share === 0) return [];
      // A place in the last segment.
      const from = Math.max(known.delivered, last.start);
      known.delivered = from + Math.floor((known.text.length - from) * share);
      const place = { segment: last.end.segment, offset: known.delivered - last.start };
      return [{ outbox, place, record: undefined }];
    });
    const answer = await committer.commit({
      ...noChanges,
      appends: Object.entries(appends).map(([outbox, length]) => ({
        outbox,
        bytes: Buffer.alloc(length, String.fromCharCode(97 + (index % 26))),
      })),
      delivered: places,
    });
    if (!answer.ok) throw new Error(answer.message);
    for (const { outbox, end } of answer.ends) {
      const known = written.get(outbox) ?? { text: "", delivered: 0 };
      written.set(outbox, known);
      known.text += String.fromCharCode(97 + (index % 26)).repeat(appends[outbox]!);
      ends.set(outbox, { end, start: known.text.length - end.offset });
    }
  }
  expect(model.violations).toEqual([]);
  const left = join(temporaryDir(), "left");
  model.cutPower(left, luck);
  await committer.close();
  return { left, written };
};

it("after a power cut, the segments and what weir.db holds make up all that is not delivered", async () => {
  await fc.assert(
    fc.asyncProperty(commits, fc.constantFrom(0, 0.4, 1), fc.boolean(), async (steps, luck, isTwice) => {
      const { left, written } = await commitAndCut(steps, luck);
      const path = join(left, "weir.db");
      const database = new Database(path);
      const reader = new Reader(path);
      if (isTwice) {
        const stop = new Error("interrupted");
        const interrupted = {
          commit: () => {
            throw stop;
          },
        };
        const restoring = () => restoreHeldFrames(left, interrupted, reader, false);
        if (reader.heldFrames().length > 0) expect(restoring).toThrow(stop);
      }
      restoreHeldFrames(left, database, reader, false);
      expect(reader.heldFrames()).toEqual([]);
      for (const [outbox, { text, delivered }] of written) {
        const directory = outboxDirectory(left, outbox);
        const bytes = listSegments(directory).map((segment) => readFileSync(join(directory, segmentName(segment))));
        const found = Buffer.concat(bytes).toString();
        // Delivered segments are removed, and delivered bytes can be lost.
        const missing = text.length - delivered;
        expect(found.slice(found.length - missing) === text.slice(delivered)).toBe(true);
      }
      reader.close();
      database.close();
    }),
    { numRuns: process.env["WEIR_LONG"] ? 200 : 25 },
  );
});

it("reports frames before those that weir.db holds, if somebody cut the segment", async () => {
  const { left } = await commitAndCut(
    [5, 7, 8].map((length) => ({ appends: { a: length }, delivered: { a: 0, b: 0 } })),
    0,
  );
  const path = join(left, "weir.db");
  const segment = join(outboxDirectory(left, "a"), segmentName(1));
  truncateSync(segment, 3);
  const database = new Database(path);
  const reader = new Reader(path);
  expect(restoreHeldFrames(left, database, reader, false)).toEqual([{ outbox: "a", segment: 1, cut: 2 }]);
  expect(readFileSync(segment, "utf8")).toBe(`aaa\0\0${"b".repeat(7)}${"c".repeat(8)}`);
  reader.close();
  database.close();
});

it("takes the reserve if the disk is full", async () => {
  const nothing = { a: 0, b: 0 } as const;
  const { left } = await commitAndCut(
    [5, 7].map((length) => ({ appends: { a: length }, delivered: nothing })),
    1,
  );
  const path = join(left, "weir.db");
  const database = new Database(path);
  const reader = new Reader(path);
  const full = {
    commit: (changes: Changes) => {
      if (existsSync(join(left, "reserve"))) throw sqliteError(13);
      database.commit(changes);
    },
  };
  writeFileSync(join(left, "reserve"), "zeros");
  restoreHeldFrames(left, full, reader, false);
  expect([reader.heldFrames(), existsSync(join(left, "reserve"))]).toEqual([[], false]);
  const always = {
    commit: () => {
      throw sqliteError(13);
    },
  };
  await new Committer({
    dataDir: left,
    files: systemFiles,
    database,
    ends: reader.load().ends,
    segmentBytes: 1000,
  }).commit({
    ...noChanges,
    appends: [{ outbox: "a", bytes: Buffer.from("more") }],
  });
  expect(() => restoreHeldFrames(left, always, reader, false)).toThrow("planted");
  reader.close();
});

it("writes nothing that weir.db holds if it has lost commits: it may be delivered", async () => {
  const { left } = await commitAndCut(
    [
      { appends: { a: 5 }, delivered: { a: 0, b: 0 } },
      { appends: { a: 7 }, delivered: { a: 0, b: 0 } },
    ],
    0,
  );
  const path = join(left, "weir.db");
  const database = new Database(path);
  const reader = new Reader(path);
  expect(reader.heldFrames()).toHaveLength(1);
  restoreHeldFrames(left, database, reader, true);
  expect(reader.heldFrames()).toEqual([]);
  expect(readFileSync(join(outboxDirectory(left, "a"), segmentName(1)), "utf8")).toBe("aaaaa");
  reader.close();
  database.close();
});
