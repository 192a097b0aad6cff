import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Call, sqliteError, systemError, watchedStorage } from "../../test/runtime/watched-storage.ts";
import { type CommitRequest, Committer } from "./committer.ts";
import { Database, type Place } from "./database.ts";
import { Reader } from "./reader.ts";
import { listSegments, outboxDirectory, segmentName } from "./segments.ts";

const nothing: CommitRequest = { appends: [], checkpoints: [], state: [], sweeps: [], delivered: [], ingested: 0 };
const appending = (appends: Readonly<Record<string, string>>, more: Partial<CommitRequest> = {}): CommitRequest => ({
  ...nothing,
  appends: Object.entries(appends).map(([outbox, text]) => ({ outbox, bytes: Buffer.from(text) })),
  ...more,
});

const setUp = (watch: (call: Call) => Error | undefined = () => undefined, segmentBytes = 10) => {
  const dataDir = mkdtempSync(join(tmpdir(), "weir-test-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  mkdirSync(join(dataDir, "outboxes"));
  const calls: string[] = [];
  const { files, wrap } = watchedStorage(dataDir, (call) => {
    const error = watch(call);
    if (!error) calls.push(`${call.name} ${call.path}`.trim());
    return error;
  });
  const path = join(dataDir, "weir.db");
  const start = () => {
    const database = new Database(path);
    const reader = new Reader(path);
    const { ends } = reader.load();
    reader.close();
    return new Committer({ dataDir, files, database: wrap(database), ends, segmentBytes });
  };
  /** What the database holds of segments. */
  const held = () => {
    const reader = new Reader(path);
    const texts = reader.heldFrames().map(({ bytes }) => Buffer.from(bytes).toString());
    reader.close();
    return texts;
  };
  return { dataDir, calls, held, start };
};

/** What an outbox holds up to `end`, over all its segments. */
const contents = (dataDir: string, outbox: string, end: Place): string => {
  const directory = outboxDirectory(dataDir, outbox);
  return listSegments(directory)
    .filter((segment) => segment <= end.segment)
    .map((segment) => readFileSync(join(directory, segmentName(segment)), "utf8"))
    .join("");
};

describe("the order of a commit", () => {
  it("syncs a segment and its directory entry before the database refers to them", async () => {
    const { calls, start } = setUp();
    const committer = start();
    await committer.commit(appending({ out: "12345" }));
    expect(calls).toEqual([
      "makeDirectory outboxes/out",
      "syncDirectory outboxes",
      "open outboxes/out/0000000001.segment",
      "truncate outboxes/out/0000000001.segment",
      "syncDirectory outboxes/out",
      "write outboxes/out/0000000001.segment",
      "sync outboxes/out/0000000001.segment",
      "commit",
    ]);
    calls.length = 0;
    await committer.commit(appending({ out: "67890", more: "x" }));
    expect(calls.filter((call) => !call.includes("more"))).toEqual([
      "write outboxes/out/0000000001.segment",
      "syncDirectory outboxes",
      "sync outboxes/out/0000000001.segment",
      "commit",
    ]);
    expect(calls.at(-1)).toBe("commit");
    expect(calls.filter((call) => call.startsWith("sync "))).toHaveLength(2);
    await committer.close();
  });

  it("leaves a few frames to the database, and syncs them when there are more, in a new segment, and at the end", async () => {
    const { calls, held, start } = setUp(undefined, 100_000);
    const committer = start();
    const commit = async (text: string) => {
      calls.length = 0;
      expect(await committer.commit(appending({ out: text }))).toMatchObject({ ok: true });
      return calls.filter((call) => call.startsWith("sync ")).map((call) => call.slice(-9));
    };
    expect(await commit("first")).toEqual(["1.segment"]);
    expect([await commit("few"), await commit("more"), held()]).toEqual([[], [], ["few", "more"]]);
    expect([await commit("x".repeat(70_000)), held()]).toEqual([["1.segment"], []]);
    expect([await commit("few"), held()]).toEqual([[], ["few"]]);
    expect([await commit("x".repeat(40_000)), held()]).toEqual([["1.segment", "2.segment"], []]);
    expect([await commit("last"), held()]).toEqual([[], ["last"]]);
    calls.length = 0;
    await committer.close();
    expect([calls.slice(0, 2), held()]).toEqual([["sync outboxes/out/0000000002.segment", "commit"], []]);
  });

  it("leaves to the database at most 256 KiB of an outbox, and no dead letters", async () => {
    const { held, start } = setUp(undefined, 10_000_000);
    const committer = start();
    let most = 0;
    for (let count = 0; count < 20; count++) {
      await committer.commit(appending({ out: "x".repeat(30_000), dead_letter: "x" }));
      expect(held().join("")).not.toContain("x");
      await committer.commit(appending({ out: "x".repeat(30_000) }));
      await committer.commit(appending({ other: "o".repeat(30_000) }));
      most = Math.max(most, held().join("").length);
    }
    expect(most).toBeGreaterThan(200_000);
    expect(most).toBeLessThan(320_000);
    await committer.close();
  });

  it("removes from the database what is delivered", async () => {
    const { held, start } = setUp(undefined, 1000);
    const committer = start();
    for (const text of ["12345", "67890", "abcde", "fghij"]) await committer.commit(appending({ out: text }));
    const deliver = (offset: number) =>
      committer.commit({
        ...nothing,
        delivered: [{ outbox: "out", place: { segment: 1, offset }, record: undefined }],
      });
    await deliver(12);
    expect(held()).toEqual(["abcde", "fghij"]);
    await deliver(20);
    expect(held()).toEqual([]);
    await committer.close();
  });

  it("removes a segment only after the commit that says it is delivered", async () => {
    const { calls, start } = setUp();
    const committer = start();
    for (const text of ["1234567890", "abcdefghij", "ABCDEFGHIJ"]) await committer.commit(appending({ out: text }));
    calls.length = 0;
    const place = { segment: 3, offset: 0 };
    await committer.commit({ ...nothing, delivered: [{ outbox: "out", place, record: undefined }] });
    expect(calls).toEqual([
      "commit",
      "remove outboxes/out/0000000001.segment",
      "remove outboxes/out/0000000002.segment",
    ]);
    await committer.close();
  });

  it("holds even when the cleanup afterwards fails", async () => {
    const { start } = setUp((call) => (call.name === "remove" ? systemError("EPERM") : undefined));
    const committer = start();
    for (const text of ["1234567890", "abcdefghij"]) await committer.commit(appending({ out: text }));
    const delivered = [{ outbox: "out", place: { segment: 2, offset: 0 }, record: undefined }];
    expect(await committer.commit({ ...nothing, delivered })).toEqual({ ok: true, ends: [] });
    await committer.close();
  });
});

describe("a commit that fails", () => {
  it.each([
    ["a segment's sync", (call: Call) => (call.name === "sync" ? systemError("EIO") : undefined), "EIO"],
    [
      "a directory's sync",
      (call: Call) => (call.name === "syncDirectory" && call.path.endsWith("/out") ? systemError("ENOSPC") : undefined),
      "ENOSPC",
    ],
    ["the database's sync", (call: Call) => (call.name === "commit" ? sqliteError(1034) : undefined), "1034"],
  ])("is not tried again after %s", async (_what, watch, code) => {
    let isOn = false;
    const { start } = setUp((call) => (isOn ? watch(call) : undefined));
    const committer = start();
    await committer.commit(appending({ other: "x" }));
    isOn = true;
    expect(await committer.commit(appending({ out: "abc" }))).toMatchObject({ ok: false, retry: false, code });
    await committer.close();
  });

  it.each(["sync", "commit"])("is followed by no other sync or commit at the end, after a %s", async (name) => {
    let isOn = false;
    const error = name === "sync" ? systemError("EIO") : sqliteError(1034);
    const { calls, held, start } = setUp((call) => (isOn && call.name === name ? error : undefined), 1_000_000);
    const committer = start();
    for (const text of ["one", "two"]) await committer.commit(appending({ out: text }));
    isOn = true;
    const more = name === "sync" ? "x".repeat(100_000) : "few";
    expect(await committer.commit(appending({ out: more }))).toMatchObject({ ok: false, retry: false });
    isOn = false;
    calls.length = 0;
    await committer.close();
    expect([calls, held()]).toEqual([["close outboxes/out/0000000001.segment"], ["two"]]);
  });

  it("rejects the end if what the database holds cannot be synced: a thread must not go on after that", async () => {
    let isOn = false;
    const { held, start } = setUp(({ name }) => (isOn && name === "sync" ? systemError("EIO") : undefined), 1_000_000);
    const committer = start();
    for (const text of ["one", "two"]) await committer.commit(appending({ out: text }));
    isOn = true;
    await expect(committer.close()).rejects.toThrow("EIO");
    expect(held()).toEqual(["two"]);
  });

  it("keeps the frames when the sync of the database failed: the commit may be on the disk", async () => {
    const { dataDir, start } = setUp((call) => (call.name === "commit" ? sqliteError(1034) : undefined));
    const committer = start();
    await committer.commit(appending({ out: "abc" }));
    expect(statSync(join(outboxDirectory(dataDir, "out"), segmentName(1))).size).toBe(3);
    await committer.close();
  });

  it("is not retried when the segments cannot be truncated", async () => {
    let isOn = false;
    const { start } = setUp(({ name }) =>
      isOn && (name === "write" || name === "truncate") ? systemError("EROFS") : undefined,
    );
    const committer = start();
    await committer.commit(appending({ out: "abc" }));
    isOn = true;
    expect(await committer.commit(appending({ out: "def" }))).toMatchObject({ ok: false, retry: false, code: "EROFS" });
    await committer.close();
  });

  const faults = {
    open: systemError("EMFILE"),
    syncDirectory: systemError("EMFILE"),
    makeDirectory: systemError("ENOSPC"),
    write: systemError("ENOSPC"),
    commit: sqliteError(13),
  };
  const request = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.stringMatching(/^[a-z]{1,14}$/), { minKeys: 1 });
  const step = fc.record({
    request,
    /** Which of the calls that can fail do, in order. */
    fails: fc.array(fc.boolean(), { maxLength: 6 }),
    restart: fc.boolean(),
  });

  it("leaves nothing behind: the same request succeeds later, and a restart finds what was committed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        let schedule: boolean[] = [];
        const { dataDir, start } = setUp(({ name }) =>
          name in faults && schedule.shift() ? faults[name as keyof typeof faults] : undefined,
        );
        const model = new Map<string, string>();
        const ends = new Map<string, Place>();
        const check = () => {
          for (const [outbox, text] of model) expect(contents(dataDir, outbox, ends.get(outbox)!)).toBe(text);
        };
        let committer = start();
        for (const { request, fails, restart } of steps) {
          schedule = [...fails];
          let answer = await committer.commit(appending(request));
          for (let attempt = 0; !answer.ok; attempt++) {
            expect(answer).toMatchObject({ retry: true });
            expect(attempt).toBeLessThan(10);
            check();
            answer = await committer.commit(appending(request));
          }
          for (const { outbox, end } of answer.ends) ends.set(outbox, end);
          for (const [outbox, text] of Object.entries(request)) model.set(outbox, (model.get(outbox) ?? "") + text);
          check();
          if (!restart) continue;
          await committer.close();
          schedule = [];
          committer = start();
          check();
        }
        await committer.close();
      }),
      { numRuns: process.env["WEIR_LONG"] ? 60 : 20 },
    );
  });
});

it("closes its files after the current commit", async () => {
  const { calls, start } = setUp();
  const committer = start();
  const answer = committer.commit(appending({ a: "1", b: "2" }));
  await committer.close();
  expect(await answer).toMatchObject({ ok: true });
  expect(calls.indexOf("commit")).toBeLessThan(calls.findIndex((call) => call.startsWith("close")));
});
