import { cpSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openDataDir } from "../runtime/data-dir.ts";
import { Database, noChanges } from "./database.ts";
import { Reader } from "./reader.ts";

const temporaryDir = () => {
  const path = mkdtempSync(join(tmpdir(), "weir-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};
const walBytes = (path: string) => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
const writing = (value: string) => ({
  ...noChanges,
  state: [{ component: "t", key: "k", value, expires: undefined }],
});
/** What weir.db holds without its WAL. */
const alone = (path: string) => {
  const copy = join(temporaryDir(), "weir.db");
  cpSync(path, copy);
  const reader = new Reader(copy);
  const value = reader.state("t", "k")?.value;
  reader.close();
  return value;
};

it("leaves nothing in the WAL after a clean stop, though a reader is still open", async () => {
  const dataDir = temporaryDir();
  const path = join(dataDir, "weir.db");
  const data = openDataDir(dataDir);
  await data.writer.commit({ ...writing("last"), appends: [] });
  expect(walBytes(path)).toBeGreaterThan(0);
  expect(data.reader.state("t", "k")?.value).toBe("last");
  await data.close();
  expect(walBytes(path)).toBe(0);
  expect(alone(path)).toBe("last");
});

it("truncates a WAL that has grown too long", () => {
  const path = join(temporaryDir(), "weir.db");
  const database = new Database(path, { walBytes: 100_000 });
  let [most, truncations] = [0, 0];
  for (let n = 0; n < 60; n++) {
    const before = walBytes(path);
    database.commit(writing(`${n}`.padEnd(10_000)));
    const after = walBytes(path);
    if (after < before) truncations++;
    most = Math.max(most, after);
  }
  expect(truncations).toBeGreaterThan(2);
  expect(most).toBeLessThanOrEqual(100_000);
  database.close();
  expect(alone(path)).toBe("59".padEnd(10_000));
});

it("does not wait for a reader, and truncates the WAL when the reader has finished", () => {
  const path = join(temporaryDir(), "weir.db");
  const database = new Database(path, { walBytes: 50_000 });
  const reader = new Reader(path);
  database.commit({
    ...noChanges,
    state: ["a", "b"].map((key) => ({ component: "t", key, value: "", expires: 1 })),
  });
  const rows = reader.expiringState("t", 0, 9)[Symbol.iterator]();
  rows.next();
  for (let n = 0; n < 20; n++) database.commit(writing(`${n}`.padEnd(10_000)));
  expect(walBytes(path)).toBeGreaterThan(50_000);
  while (!rows.next().done);
  for (let n = 0; n < 20; n++) database.commit(writing(`${n}`.padEnd(10_000)));
  expect(walBytes(path)).toBeLessThan(150_000);
  reader.close();
  database.close();
  expect(alone(path)).toBe("19".padEnd(10_000));
});
