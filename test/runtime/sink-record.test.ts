import { expect, it } from "vitest";
import { defineSink, type Json } from "weir";
import { writerOver } from "../../src/runtime/data-dir.ts";
import { ExposedMetrics } from "../../src/telemetry/exposed-metrics.ts";
import { hurriedClock, lines, numbers, startRun, temporaryDir, topology, until } from "./harness.ts";
import { sqliteError, watchedStorage } from "./watched-storage.ts";

/** A sink that saves what it is going to write before it writes it. */
const saving = (write: () => unknown) => {
  const recorded: (Json | undefined)[] = [];
  const plugin = defineSink({
    name: "saving",
    summary: "Saves its record before a write.",
    options: {},
    open: (context) => {
      recorded.push(context.recorded);
      return {
        write: async (events) => {
          await context.save?.({ first: Number(events[0]!.data["n"]) });
          await write();
          return { record: "delivered" };
        },
      };
    },
  });
  return { recorded, plugin };
};

const hosts: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "an outbox on disk": {},
  "a buffer in memory": { buffer: { type: "memory", maxSize: 1 << 20, whenFull: "block" } },
  "a queue of its own": { required: false },
};

it.each(Object.entries(hosts))("what a sink saved is on disk before its write, with %s", async (_, host) => {
  const dataDir = temporaryDir();
  let writes = 0;
  const first = saving(() => {
    writes++;
    return new Promise(() => undefined);
  });
  const plan = (plugin: typeof first.plugin) =>
    topology({ in: [lines(numbers(3), { follow: true })], out: [plugin, ["in"], host] });
  const run = await startRun(plan(first.plugin), dataDir);
  await until(() => writes === 1);
  // Looked at as the next process would.
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${dataDir}/weir.db`, { readOnly: true });
  const row = database.prepare("SELECT record FROM delivered WHERE outbox = 'out'").get();
  database.close();
  expect(row).toEqual({ record: '{"first":0}' });
  await run.runtime.stop(0);
  const second = saving(() => undefined);
  const again = await startRun(plan(second.plugin), dataDir, { clock: hurriedClock });
  await until(() => again.runtime.stats().components["out"]!.component_in_flight_events === 0);
  await again.runtime.stop(1000);
  expect(second.recorded).toEqual([{ first: 0 }]);
  const third = saving(() => undefined);
  const last = await startRun(plan(third.plugin), dataDir);
  expect(third.recorded).toEqual([host["required"] === false ? { first: 0 } : "delivered"]);
  await last.runtime.stop(0);
});

/** Reads the number that is on disk as the record of the sink. */
const counterIn = async (dataDir: string): Promise<() => number> => {
  const { DatabaseSync } = await import("node:sqlite");
  return () => {
    const database = new DatabaseSync(`${dataDir}/weir.db`, { readOnly: true });
    const row = database.prepare("SELECT record FROM delivered WHERE outbox = 'out'").get();
    database.close();
    return row ? Number(row["record"]) : 0;
  };
};

it.each(Object.entries(hosts))(
  "a sink learns of its record when it is on disk, also if commits fail, with %s",
  async (_, host) => {
    const dataDir = temporaryDir();
    const countOnDisk = await counterIn(dataDir);
    const told: number[] = [];
    const early: number[] = [];
    let count = 0;
    const plugin = defineSink({
      name: "counting",
      summary: "Counts.",
      options: {},
      open: () => ({
        write: async (events) => {
          count += events.length;
          return { record: count };
        },
        recorded: (record) => {
          told.push(Number(record));
          if (countOnDisk() < Number(record)) early.push(Number(record));
        },
      }),
    });
    let commits = 0;
    const { files, wrap } = watchedStorage(dataDir, ({ name }) =>
      name === "commit" && commits++ % 3 === 1 ? sqliteError(13) : undefined,
    );
    const batch = { maxEvents: 7, maxSize: 1 << 20, timeout: 0 };
    const plan = topology({
      in: [lines(numbers(100), { follow: true, perReading: 9 })],
      out: [plugin, ["in"], { batch, ...host }],
    });
    const run = await startRun(plan, dataDir, { makeWriter: writerOver(files, wrap), clock: hurriedClock });
    await until(() => told.includes(100));
    await run.runtime.stop(1000);
    expect(early).toEqual([]);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  },
);

it.each(Object.entries(hosts))(
  "a sink that replaces another one gets a record that is on disk, with %s",
  async (_, host) => {
    const dataDir = temporaryDir();
    const countOnDisk = await counterIn(dataDir);
    const opened: { readonly recorded: number; readonly onDisk: number }[] = [];
    let count = 0;
    const plugin = defineSink({
      name: "counting",
      summary: "Counts.",
      options: {},
      open: ({ recorded }) => {
        opened.push({ recorded: Number(recorded ?? 0), onDisk: countOnDisk() });
        return {
          write: async (_events, signal) => {
            // The second one ends when the sink is replaced.
            if (count === 1) await new Promise((resolve) => signal.addEventListener("abort", resolve));
            return { record: ++count };
          },
        };
      },
    });
    const batch = { maxEvents: 1, maxSize: 1 << 20, timeout: 0 };
    const plan = topology({ in: [lines(numbers(9), { follow: true })], out: [plugin, ["in"], { batch, ...host }] });
    const { runtime } = await startRun(plan, dataDir);
    await until(() => count === 1 && countOnDisk() === 1);
    await runtime.replace(plan, new Set(["in", "out"]), 1000);
    await until(() => opened.length === 2);
    // What is in memory is given back in place of being delivered.
    const recorded = Object.keys(host).length > 0 ? 1 : 2;
    expect(opened[1]).toEqual({ recorded, onDisk: recorded });
    await runtime.stop(1000);
  },
);

it("metrics of a sink that could not be opened are gone with it", async () => {
  const exposed = new ExposedMetrics();
  const plugin = defineSink({
    name: "measured",
    summary: "Has a metric, and does not open.",
    options: {},
    open: ({ metrics }) => {
      metrics?.(() => [{ name: "a", help: "", type: "gauge", samples: [] }]);
      throw new Error("no key");
    },
  });
  const plan = topology({ in: [lines(numbers(3), { follow: true })], out: [plugin, ["in"]] });
  const { runtime } = await startRun(plan, temporaryDir(), { exposed });
  await until(() => exposed.read().length === 1);
  await runtime.stop(1000);
  expect(exposed.read()).toEqual([]);
});

it("a sink that cannot be opened, or says what is wrong, makes the run not ready until it is resolved", async () => {
  let isBroken = true;
  let says: string | undefined = "the key was revoked";
  const plugin = defineSink({
    name: "troubled",
    summary: "Has its troubles.",
    options: {},
    open: ({ trouble }) => {
      if (isBroken) throw new Error("no key");
      return { write: async () => trouble?.(says) };
    },
  });
  const plan = topology({
    in: [lines(numbers(3), { follow: true, perReading: 1 })],
    out: [plugin, ["in"], { batch: { maxEvents: 1, maxSize: 1 << 20, timeout: 0 } }],
  });
  const { runtime } = await startRun(plan, temporaryDir(), { clock: hurriedClock });
  await until(() => runtime.unready.get("out") === "the sink cannot be opened: no key");
  isBroken = false;
  await until(() => runtime.unready.get("out") === "the key was revoked");
  says = undefined;
  await runtime.stop(1000);
  expect(runtime.unready.size).toBe(0);
});
