import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it, onTestFinished } from "vitest";
import { Database } from "./database.ts";
import { StateRows } from "./state-rows.ts";

it("a change for which the disk has no room says so, and leaves the state as it was", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "weir-state-rows-")), "weir.db");
  new Database(path).close();
  const { prototype } = DatabaseSync;
  const { prepare } = prototype;
  const rows = new StateRows(path, { readOnly: false });
  const full = (database: DatabaseSync) => database.exec("PRAGMA max_page_count = 1");
  let opened: DatabaseSync | undefined;
  prototype.prepare = function (this: DatabaseSync, text: string) {
    opened ??= this;
    return prepare.call(this, text);
  };
  try {
    const changing = rows.change((writer) => {
      full(opened!);
      for (let key = 0; key < 1_000; key++) writer.set("a", `${key}`, "x".repeat(1_000), undefined);
    });
    await expect(changing).rejects.toThrow("database or disk is full");
  } finally {
    prototype.prepare = prepare;
  }
  expect([...rows.of("a")]).toEqual([]);
  rows.close();
});

it("reads the state of an older format as it is, and changes it in the new one", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "weir-state-rows-")), "weir.db");
  onTestFinished(() => rmSync(dirname(path), { recursive: true }));
  const older = new DatabaseSync(path);
  older.exec(`
    CREATE TABLE state (component TEXT, key TEXT, value TEXT NOT NULL, expires REAL, PRIMARY KEY (component, key)) WITHOUT ROWID;
    CREATE TABLE swept (component TEXT PRIMARY KEY, before REAL NOT NULL) WITHOUT ROWID;
    INSERT INTO state VALUES ('t', 'k', 'v', 10);
    PRAGMA user_version = 6;
  `);
  older.close();
  const read = new StateRows(path, { readOnly: true });
  expect(read.get("t", "k")).toEqual({ key: "k", value: "v", expires: 10 });
  read.close();
  const rows = new StateRows(path, { readOnly: false });
  await rows.change((writer) => writer.set("t", "k", "w", 20));
  expect([...rows.of("t")]).toEqual([{ key: "k", value: "w", expires: 20 }]);
  rows.close();
});
