import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Changes, Database } from "./database.ts";
import { lockDataDir } from "./lock.ts";
import { Reader } from "./reader.ts";

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
  it("returns what was committed last", () => {
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
        { source: "in", stream: "a", checkpoint: { position: 9, detail: null, beyond: { stdout: 12 } } },
        { source: "in", stream: "b", checkpoint: undefined },
      ],
      delivered: [{ outbox: "out", place, record: undefined }],
      ingested: 900,
    });
    expect(reader.load()).toMatchObject({
      checkpoints: new Map([["in", new Map([["a", { position: 9, detail: null, beyond: { stdout: 12 } }]])]]),
      ends: new Map([["out", place]]),
      delivered: new Map([["out", { place, record: undefined }]]),
      ingested: 1000,
      stateless: true,
    });
  });

  it("shows the reader each commit, and no part of one that fails", () => {
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

  it("sweeps exactly the entries that expire before a time", () => {
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

  it("sweeps by the last expiry that was written, however often and in whichever order it changed", () => {
    const { database, reader } = open();
    const [early, late] = [10, 30];
    database.commit({
      ...nothing,
      state: [written("later", "1", early), written("never", "1", early), written("sooner", "1", late)],
    });
    database.commit({
      ...nothing,
      state: [written("later", "2", late), written("never", "2"), written("sooner", "2", early)],
    });
    expect(reader.state("t", "later")).toEqual({ value: "2", expires: late });
    expect([...reader.expiringState("t", 20, 40)].map(({ key }) => key)).toEqual(["later"]);
    const sweepTo = (before: number) => {
      database.commit({ ...nothing, sweeps: [{ component: "t", before }] });
      return ["later", "never", "sooner"].filter((key) => reader.state("t", key));
    };
    expect([sweepTo(20), sweepTo(late), sweepTo(late + 1)]).toEqual([
      ["later", "never"],
      ["later", "never"],
      ["never"],
    ]);
  });

  it("deletes what a commit says is gone, sweeps what it wrote itself, and finds sweeps and keepers again", () => {
    const { database, reader } = open();
    const keeper = { component: "t", wake: 1.5e12, mark: undefined, epoch: 2 };
    database.commit({
      ...nothing,
      state: [written("a", "1"), written("b", "2", 20)],
      keepers: [{ ...keeper, epoch: 1 }],
    });
    database.commit({
      ...nothing,
      state: [{ ...written("a", ""), value: undefined }, written("c", "3", 19.5)],
      sweeps: [{ component: "t", before: 20 }],
      keepers: [keeper],
    });
    expect(reader.scanState("t", { prefix: "", after: undefined, limit: 9 })).toEqual([
      ["b", { value: "2", expires: 20 }],
    ]);
    expect(reader.load()).toMatchObject({ swept: new Map([["t", 20]]), keepers: new Map([["t", keeper]]) });
  });

  it("counts the bytes of one component and its scopes only", () => {
    const { database, reader } = open();
    const state = ["t", "t/rule", "t/rule/deep", "t-", "t.", "t0", "s", "t\u{10ffff}"].flatMap((component, index) => [
      { component, key: "é", value: "x".repeat(10 ** index), expires: undefined },
      { component, key: "k", value: "", expires: index },
    ]);
    database.commit({ ...nothing, state });
    expect([reader.stateBytes("t"), reader.stateBytes("none")]).toEqual([111 + 3 * 3, 0]);
  });

  it("lists the entries that expire in an interval, with their sizes", () => {
    const { database, reader } = open();
    const state = [written("é", "ü", 1), written("a", "", 2.5), written("b", "xyz", 3), written("c", "never")];
    database.commit({ ...nothing, state: [...state, { ...written("a", "x", 2), component: "t/rule" }] });
    const found = (from: number, before: number) =>
      [...reader.expiringState("t", from, before)].map(({ key, size }) => [key, size]);
    expect(found(Number.NEGATIVE_INFINITY, 3)).toEqual([
      ["é", 4],
      ["a", 1],
    ]);
    expect(found(1.5, Number.POSITIVE_INFINITY)).toEqual([
      ["a", 1],
      ["b", 4],
    ]);
    expect(found(3, 3)).toEqual([]);
  });

  it("of the previous format is migrated with all of its content", () => {
    const path = join(temporaryDir(), "weir.db");
    const old = new DatabaseSync(path);
    old.exec(`
      CREATE TABLE checkpoint (source TEXT, stream TEXT, position INTEGER NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (source, stream)) WITHOUT ROWID;
      CREATE TABLE state (component TEXT, key TEXT, value TEXT NOT NULL, expires REAL, PRIMARY KEY (component, key)) WITHOUT ROWID;
      CREATE INDEX state_expires ON state (component, expires) WHERE expires IS NOT NULL;
      CREATE TABLE outbox_end (outbox TEXT PRIMARY KEY, segment INTEGER NOT NULL, offset INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE delivered (outbox TEXT PRIMARY KEY, segment INTEGER NOT NULL, offset INTEGER NOT NULL, record TEXT) WITHOUT ROWID;
      CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), ingested INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE dead_letter (segment INTEGER, offset INTEGER, size INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY (segment, offset)) WITHOUT ROWID;
      INSERT INTO checkpoint VALUES ('in', 'a', 7, 'null');
      INSERT INTO state VALUES ('t', 'k', 'v', 10), ('t/rule', 'k', 'w', NULL);
      INSERT INTO clock VALUES (1, 1000);
      PRAGMA user_version = 2;
    `);
    old.close();
    const { database, reader } = open(path);
    expect(reader.load()).toMatchObject({
      checkpoints: new Map([["in", new Map([["a", { position: 7, detail: null }]])]]),
      ingested: 1000,
      swept: new Map(),
      keepers: new Map(),
      stateless: false,
    });
    expect(reader.state("t", "k")).toEqual({ value: "v", expires: 10 });
    expect(reader.state("t/rule", "k")).toEqual({ value: "w", expires: undefined });
    database.commit({ ...nothing, sweeps: [{ component: "t", before: 11 }] });
    expect([reader.state("t", "k"), reader.load().swept]).toEqual([undefined, new Map([["t", 11]])]);
    const after = new DatabaseSync(path);
    expect(after.prepare("PRAGMA user_version").get()).toEqual({ user_version: 8 });
    after.close();
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

  it("of a newer format is rejected with the way out, and left unchanged", () => {
    const path = join(temporaryDir(), "weir.db");
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 99; CREATE TABLE future (x)");
    newer.close();
    expect(() => new Database(path)).toThrow(
      /^".*weir\.db" has format 99 of a newer weir; this version supports formats up to \d+\. Run the newer weir, or use another --data-dir\.$/,
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
  it("has one holder, and is free again after release", () => {
    const dataDir = temporaryDir();
    const lock = lockDataDir(dataDir);
    expect(() => lockDataDir(dataDir)).toThrow(
      `the data dir "${dataDir}" is in use by another weir. Stop that process, or use another --data-dir.`,
    );
    lock.release();
    lockDataDir(dataDir).release();
  });
});
