import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { Database } from "../storage/database.ts";
import { weir } from "./testing/printed.ts";

const dataDirWith = (write: (path: string) => void): string => {
  const dataDir = mkdtempSync(join(tmpdir(), "weir-unreadable-"));
  write(join(dataDir, "weir.db"));
  return dataDir;
};

const commands = [
  ["stats"],
  ["export", "seen"],
  ["forget", "--rule", "seen"],
  ["forget", "--rule", "seen", "--dry-run"],
  ["forget", "seen"],
  ["list"],
];

describe.each(commands)("state %s %s", (...command) => {
  const state = (dataDir: string) => weir("state", ...command, "--data-dir", dataDir);

  it("says that a database is damaged, and the way out", async () => {
    const noDatabase = dataDirWith((path) => writeFileSync(path, "this is a text\n".repeat(1_000)));
    const cut = dataDirWith((path) => {
      new Database(path).close();
      const bytes = readFileSync(path);
      bytes.fill(7, 200, 30_000);
      writeFileSync(path, bytes);
    });
    for (const dataDir of [noDatabase, cut])
      expect(await state(dataDir)).toMatchObject({
        code: 1,
        error: expect.stringMatching(/^"[^"]*weir\.db" is damaged: .* weir run --recover/),
      });
  });

  it("says that a database is of another program, and does not change it", async () => {
    const dataDir = dataDirWith((path) => {
      const other = new DatabaseSync(path);
      other.exec("CREATE TABLE bookmarks (url TEXT)");
      other.close();
    });
    const path = join(dataDir, "weir.db");
    const before = readFileSync(path);
    expect(await state(dataDir)).toEqual({
      code: 1,
      out: "",
      error: `"${path}" is a database of another program, with the table "bookmarks". Name the data dir of your pipeline, or a new folder, with --data-dir.\n`,
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("says that there is no database", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "weir-empty-"));
    expect((await state(dataDir)).error).toContain(`"${dataDir}" is not a data dir: it has no weir.db.`);
  });
});

it("run refuses a database of another program", () => {
  const dataDir = dataDirWith((path) => {
    const other = new DatabaseSync(path);
    other.exec("CREATE TABLE bookmarks (url TEXT)");
    other.close();
  });
  expect(() => new Database(join(dataDir, "weir.db"))).toThrow("is a database of another program");
});
