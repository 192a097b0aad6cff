import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Database, noChanges } from "./database.ts";
import { Reader } from "./reader.ts";

const setUp = (freeBytes: number) => {
  const folder = mkdtempSync(join(tmpdir(), "weir-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "weir.db");
  const database = new Database(path, { walBytes: 1, freeBytes });
  const bytes = () => statSync(path).size;
  const write = (count: number, expires: number) =>
    database.commit({
      ...noChanges,
      state: Array.from({ length: count }, (_, n) => ({
        component: "t",
        key: `${expires}/${n}`,
        value: "v".repeat(500),
        expires,
      })),
    });
  const sweep = (before: number) => database.commit({ ...noChanges, sweeps: [{ component: "t", before }] });
  return { path, database, bytes, write, sweep };
};
const mebibyte = 1024 * 1024;

it("gives the room of expired state back while weir runs, and a reader goes on", () => {
  const { path, database, bytes, write, sweep } = setUp(mebibyte);
  write(5000, 1);
  write(100, 2);
  const reader = new Reader(path);
  expect(reader.state("t", "2/99")?.value).toHaveLength(500);
  const before = bytes();
  expect(before).toBeGreaterThan(2.5 * mebibyte);
  sweep(2);
  for (let commit = 0; commit < 64; commit++) database.commit(noChanges);
  expect(bytes()).toBeLessThan(before / 10);
  expect(reader.scanState("t", { prefix: "", after: undefined, limit: 1000 })).toHaveLength(100);
  reader.close();
  database.close();
});

it("gives it back at a clean stop, unless that is not worthwhile", () => {
  for (const [freeBytes, isWorthwhile] of [
    [mebibyte, true],
    [100 * mebibyte, false],
  ] as const) {
    const { database, bytes, write, sweep } = setUp(freeBytes);
    write(5000, 1);
    const before = bytes();
    sweep(2);
    expect(bytes()).toBe(before);
    database.close();
    expect(bytes() < before / 10).toBe(isWorthwhile);
  }
});

it("leaves a file alone that is mostly in use", () => {
  const { database, bytes, write, sweep } = setUp(mebibyte);
  write(4000, 1);
  write(6000, 2);
  const before = bytes();
  sweep(2);
  database.close();
  expect(bytes()).toBe(before);
});
