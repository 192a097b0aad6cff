import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
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
