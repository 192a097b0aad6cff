import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { Database, noChanges } from "./database.ts";
import { Reader } from "./reader.ts";
import { readStored } from "./stored.ts";

const open = () => {
  const dataDir = mkdtempSync(join(tmpdir(), "weir-forget-"));
  const path = join(dataDir, "weir.db");
  const database = new Database(path);
  onTestFinished(() => {
    database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return { dataDir, path, database };
};

/** Ids that begin like each other, and the names of their scopes. */
const ids = ["a", "a0", "a-b", "ab", "A"];
const spacesOf = (id: string) => [id, `${id}/x`, `${id}/a`];
const place = { segment: 1, offset: 0 };

it("deletes all of the components that are named, with their scopes, and nothing of the others", () => {
  fc.assert(
    fc.property(fc.subarray(ids), (forget) => {
      const { dataDir, path, database } = open();
      database.commit({
        ...noChanges,
        checkpoints: ids.map((source) => ({ source, stream: "s", checkpoint: { position: 1, detail: null } })),
        state: ids.flatMap(spacesOf).map((component) => ({ component, key: "k", value: "v", expires: undefined })),
        sweeps: ids.flatMap(spacesOf).map((component) => ({ component, before: 1 })),
        keepers: ids.map((component) => ({ component, wake: 1, mark: undefined, epoch: 0 })),
        ends: ids.map((outbox) => ({ outbox, end: place })),
        delivered: ids.map((outbox) => ({ outbox, place, record: { n: 1 } })),
      });
      database.commit({ ...noChanges, forget });
      const left = ids.filter((id) => !forget.includes(id)).sort();
      const reader = new Reader(path);
      const saved = reader.load();
      expect([...saved.checkpoints.keys()].sort()).toEqual(left);
      expect([...saved.keepers.keys()].sort()).toEqual(left);
      expect([...saved.ends.keys()].sort()).toEqual(left);
      expect([...saved.delivered.keys()].sort()).toEqual(left);
      expect([...saved.swept.keys()].sort()).toEqual(left.flatMap(spacesOf).sort());
      expect(Object.keys(reader.stateSizes()).sort()).toEqual(left.flatMap(spacesOf).sort());
      reader.close();
      expect(readStored(dataDir)).toEqual(
        left.map((id) => ({ id, streams: 1, state_entries: 3, state_bytes: 6, outbox_bytes: 0 })),
      );
    }),
    { numRuns: 20 },
  );
});

it("what comes after in the same commit is written", () => {
  const { dataDir, database } = open();
  const entry = (value: string) => ({ component: "a", key: "k", value, expires: undefined });
  database.commit({ ...noChanges, state: [entry("old")] });
  database.commit({ ...noChanges, forget: ["a"], state: [{ ...entry("new"), key: "other" }] });
  expect(readStored(dataDir)).toMatchObject([{ id: "a", state_entries: 1, state_bytes: 8 }]);
});
