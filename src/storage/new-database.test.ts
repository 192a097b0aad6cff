import { copyFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryDir } from "../../test/runtime/harness.ts";
import { Database, noChanges } from "./database.ts";
import { createDatabase } from "./new-database.ts";
import { Reader } from "./reader.ts";

const clockOf = (path: string) => {
  const reader = new Reader(path);
  const { ingested } = reader.load();
  reader.close();
  return ingested;
};

it("creates a database for its owner only, and leaves nothing else behind", () => {
  const folder = temporaryDir();
  const path = join(folder, "weir.db");
  createDatabase(path);
  expect(readdirSync(folder)).toEqual(["weir.db"]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  // The bytes that say that the file has a WAL: https://www.sqlite.org/fileformat2.html#file_format_version_numbers
  expect([...readFileSync(path).subarray(18, 20)]).toEqual([2, 2]);
  expect(clockOf(path)).toBe(0);
});

it("leaves a database that is there as it is", () => {
  const path = join(temporaryDir(), "weir.db");
  const database = new Database(path);
  database.commit({ ...noChanges, ingested: 7 });
  database.close();
  const before = readFileSync(path);
  createDatabase(path);
  expect(readFileSync(path)).toEqual(before);
});

it("starts anew after an attempt that was interrupted, wherever that was", () => {
  const complete = join(temporaryDir(), "weir.db");
  createDatabase(complete);
  for (const length of [0, 1, 4096, 10_000, statSync(complete).size]) {
    const folder = temporaryDir();
    const path = join(folder, "weir.db");
    copyFileSync(complete, `${path}.new`);
    truncateSync(`${path}.new`, length);
    writeFileSync(`${path}.new-wal`, "cut");
    createDatabase(path);
    expect(readdirSync(folder)).toEqual(["weir.db"]);
    expect(readFileSync(path)).toEqual(readFileSync(complete));
  }
});

it("takes nothing from the WAL of a database that is gone", () => {
  const folder = temporaryDir();
  const old = new Database(join(folder, "old.db"));
  old.commit({ ...noChanges, ingested: 7 });
  const path = join(folder, "weir.db");
  for (const suffix of ["-wal", "-shm"]) copyFileSync(join(folder, `old.db${suffix}`), path + suffix);
  old.close();
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
  createDatabase(path);
  expect(clockOf(path)).toBe(0);
});
