import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { Batch, memoryState } from "weir";
import { changesOf } from "../../src/runtime/commit-loop.ts";
import { Claim, Flight } from "../../src/runtime/flight.ts";
import { StateStore } from "../../src/runtime/state-store.ts";
import { Database, Reader } from "../../src/storage/database.ts";
import { type StateUnderTest, testState } from "./test-state.ts";

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0).reverse()) close();
});

/** The runtime's own state, over a database file. */
const stored = (path: string): StateUnderTest => {
  const database = new Database(path);
  const reader = new Reader(path);
  const store = new StateStore((component, key) => reader.state(component, key));
  let isOpen = true;
  const close = () => {
    if (isOpen) for (const side of [reader, database]) side.close();
    isOpen = false;
  };
  opened.push(close);
  const flights: Flight[] = [];
  let sequence = 0;
  return {
    state: store.for("component"),
    batch: () => {
      const flight = new Flight(++sequence, { checkpoint: undefined, bytes: 0, ingested: 0, settled: undefined });
      flights.push(flight);
      return new Batch([], new Claim(flight, "component", 0, 0));
    },
    commit: (count) => {
      const prefix = flights.splice(0, count);
      database.commit({ ...changesOf(prefix), ends: [], delivered: [] });
      for (const flight of prefix) store.committed(flight);
    },
    reopen: () => {
      close();
      return stored(path);
    },
  };
};

testState("in memory", () => ({ state: memoryState(), batch: () => new Batch([]) }));
testState("in the database", () => {
  const directory = mkdtempSync(join(tmpdir(), "weir-test-"));
  opened.push(() => rmSync(directory, { recursive: true, force: true }));
  return stored(join(directory, "weir.db"));
});
