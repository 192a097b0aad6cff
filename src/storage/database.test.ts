import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Changes, Database, Reader } from "./database.ts";
import { lockDataDir } from "./lock.ts";

const temporaryDir = () => {
  const path = mkdtempSync(join(tmpdir(), "weir-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};
const nothing: Changes = { checkpoints: [], state: [], sweeps: [], ends: [], delivered: [], ingested: 0 };
const open = (path = join(temporaryDir(), "weir.db")) => {
  const database = new Database(path);
  const reader = new Reader(path);
  onTestFinished(() => {
    reader.close();
    database.close();
  });
  return { path, database, reader };
};
const written = (key: string, value: string, expires?: number) => ({ component: "t", key, value, expires });

describe("the database", () => {
  it("gives back what was committed, the last of each", () => {
    const { database, reader } = open();
    const place = { segment: 2, offset: 30 };
    database.commit({
      ...nothing,
      checkpoints: [
        { source: "in", stream: "a", checkpoint: { position: 7, detail: { path: "/var/log/a" } } },
        { source: "in", stream: "b", checkpoint: { position: 1, detail: null } },
      ],
      ends: [{ outbox: "out", end: place }],
      delivered: [{ outbox: "out", place, record: { length: 12 } }],
      ingested: 1000,
    });
    database.commit({
      ...nothing,
      checkpoints: [
        { source: "in", stream: "a", checkpoint: { position: 9, detail: null } },
        { source: "in", stream: "b", checkpoint: undefined },
      ],
      delivered: [{ outbox: "out", place, record: undefined }],
      ingested: 900,
    });
    expect(reader.load()).toMatchObject({
      checkpoints: new Map([["in", new Map([["a", { position: 9, detail: null }]])]]),
      ends: new Map([["out", place]]),
      delivered: new Map([["out", { place, record: undefined }]]),
      ingested: 1000,
      stateless: true,
    });
  });

  it("shows the reader each commit, and nothing of one that throws", () => {
    const { database, reader } = open();
    database.commit({ ...nothing, state: [written("k", "one")] });
    expect(reader.state("t", "k")?.value).toBe("one");
    const broken = [written("k", "two"), written("other", null as unknown as string)];
    expect(() => database.commit({ ...nothing, state: broken })).toThrow();
    expect(reader.state("t", "k")?.value).toBe("one");
    database.commit({ ...nothing, state: [written("k", "three")] });
    expect(reader.state("t", "k")?.value).toBe("three");
    expect(reader.load().stateless).toBe(false);
  });

  it("sweeps what expires before a time, and nothing else", () => {
    const { database, reader } = open();
    database.commit({ ...nothing, state: [written("a", "1", 10), written("b", "2", 20), written("c", "3")] });
    database.commit({
      ...nothing,
      state: [{ component: "other", key: "a", value: "4", expires: 5 }],
      sweeps: [{ component: "t", before: 20 }],
    });
    expect(["a", "b", "c"].map((key) => reader.state("t", key))).toEqual([
      undefined,
      { value: "2", expires: 20 },
      { value: "3", expires: undefined },
    ]);
    expect(reader.state("other", "a")?.value).toBe("4");
  });

  it("keeps integers beyond 32 bits, and any text", () => {
    const { database, reader } = open();
    const checkpoint = { position: 2 ** 45 + 1, detail: ["\u0000", "ü", "𝄞"] };
    const key = 'quote " and \u0000 and\nline';
    database.commit({
      ...nothing,
      checkpoints: [{ source: "in", stream: key, checkpoint }],
      state: [written(key, "välue\u0000")],
    });
    expect(reader.load().checkpoints.get("in")?.get(key)).toEqual(checkpoint);
    expect(reader.state("t", key)?.value).toBe("välue\u0000");
  });

  it("of a newer format is refused with the way out, and left as it is", () => {
    const path = join(temporaryDir(), "weir.db");
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 99; CREATE TABLE future (x)");
    newer.close();
    expect(() => new Database(path)).toThrow(
      /^".*weir\.db" has format 99, written by a newer weir; this one reads up to \d+\. Run that newer weir, or name another --data-dir\.$/,
    );
    const again = new DatabaseSync(path);
    expect(again.prepare("SELECT name FROM sqlite_master").all()).toEqual([{ name: "future" }]);
    again.close();
  });

  it("is synced with every commit", () => {
    const { path } = open();
    const other = new DatabaseSync(path);
    expect(other.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
    other.close();
  });
});

describe("the lock of a data dir", () => {
  it("is held by one, and free again when it is released", () => {
    const dataDir = temporaryDir();
    const lock = lockDataDir(dataDir);
    expect(() => lockDataDir(dataDir)).toThrow(
      `the data dir "${dataDir}" is in use by another weir. Stop that one, or name another with --data-dir.`,
    );
    lock.release();
    lockDataDir(dataDir).release();
  });
});
