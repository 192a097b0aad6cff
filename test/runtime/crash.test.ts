import { once } from "node:events";
import { join } from "node:path";
import fc from "fast-check";
import { mergeMap } from "rxjs";
import { expect, it } from "vitest";
import { type Data, type Delivery, defineSource, type Plugin, type Reading, withData } from "weir";
import { writerOver } from "../../src/runtime/data-dir.ts";
import { turn } from "../../src/testing/index.ts";
import { diskModel } from "./disk-model.ts";
import { hurriedClock, keeping, keepOf, lines, startRun, temporaryDir, topology, transformOf } from "./harness.ts";
import { watchedStorage } from "./watched-storage.ts";

/** Reports each key as new once. If the event that did so is repeated, it reports the key again. */
const firsts = keepOf(({ state }) => (event) => {
  const key = String(event.data["key"]);
  const first = state.get(key) ?? event.meta.id;
  state.set(key, first);
  return first === event.meta.id ? withData(event, { key, first }, `${key}/${first}`) : "known";
});

/** Lets batches overtake each other, as workers do. */
const jumble = transformOf(() => {
  let count = 0;
  return mergeMap(async (batch) => {
    for (let wait = (count++ * 7) % 4; wait > 0; wait--) await turn();
    return batch;
  });
});

/** A client that sends again what was not acknowledged as committed, under the same ids, and nothing else. */
const client = (records: readonly Data[], answered: Set<number>, isAlive: () => boolean) =>
  defineSource({
    name: "client",
    summary: "Sends records until their commit is acknowledged.",
    options: {},
    decoding: { codec: "json", framing: "whole" },
    async listen({ signal }, offer) {
      const open = new Set(records.keys());
      for (const index of answered) open.delete(index);
      const reading = (index: number): Reading => ({
        stream: `request-${index}`,
        position: 0,
        bytes: Buffer.from(JSON.stringify(records[index])),
        end: true,
        forget: true,
        settled: (outcome) => {
          if (outcome === "committed" && isAlive()) answered.add(index);
        },
      });
      for (const index of open) {
        while (!signal.aborted && offer(reading(index)) === "full") await turn();
        if (index % 3 === 0) await turn();
      }
    },
  });

interface World {
  readonly pulled: readonly Data[];
  readonly pushed: readonly Data[];
  readonly answered: Set<number>;
  readonly tapped: Delivery[];
  readonly alerts: Delivery[];
}

/** Runs until the end or until the power is cut before a given call to the disk; the data dir that is left. */
const runUntilCut = async (world: World, dataDir: string, cut: { call: number; luck: number } | undefined) => {
  const model = diskModel(dataDir);
  const left = join(temporaryDir(), "left");
  let isAlive = true;
  let calls = 0;
  const power = new AbortController();
  const { files, wrap } = watchedStorage(dataDir, (call) => {
    if (isAlive && cut && ++calls > cut.call) {
      isAlive = false;
      model.cutPower(left, cut.luck);
      power.abort();
    }
    model.note(call);
    return undefined;
  });
  const sink = (into: Delivery[]): Plugin =>
    keeping((events) => {
      if (isAlive) into.push(...events);
    }).plugin;
  const plan = topology({
    file: [lines(world.pulled, { perReading: 3 })],
    server: [client(world.pushed, world.answered, () => isAlive)],
    jumbled: [jumble, ["file", "server"]],
    firsts: [firsts, ["jumbled"]],
    tap: [sink(world.tapped), ["jumbled"], 600],
    alerts: [sink(world.alerts), ["firsts"]],
  });
  const { runtime } = await startRun(plan, dataDir, {
    makeWriter: (given) => writerOver(files, wrap)({ ...given, segmentBytes: 500 }),
    clock: hurriedClock,
    budget: 300,
  });
  await Promise.race([runtime.ended, once(power.signal, "abort")]);
  if (!isAlive) await runtime.stop(0);
  const ending = await runtime.ended;
  expect(ending.how).not.toBe("failed");
  expect(model.violations).toEqual([]);
  return isAlive ? undefined : left;
};

/** A repeated delivery has the same id and body. A record that a client sends again is a new event. */
const bodyOf = ({ json, meta }: Delivery) => (meta.source === "file" ? `${meta.ingested} ${json}` : json);

const distinct = (deliveries: readonly Delivery[]): Delivery[] => {
  const byId = new Map<string, Delivery>();
  for (const delivery of deliveries) {
    const known = byId.get(delivery.id);
    if (known) expect(bodyOf(delivery)).toBe(bodyOf(known));
    else byId.set(delivery.id, delivery);
  }
  return [...byId.values()];
};

const keys = (name: string) =>
  fc
    .array(fc.nat({ max: 12 }), { maxLength: 60, size: "max" })
    .map((values) => values.map((value, n) => ({ key: `k${value}`, from: name, n })));
const cuts = fc.array(fc.record({ call: fc.nat({ max: 60 }), luck: fc.constantFrom(0, 0.3, 0.7, 1) }), {
  maxLength: 4,
});

it("L1, L2: after a power cut at any call, nothing acknowledged is lost, and first sightings follow the commit order", async () => {
  await fc.assert(
    fc.asyncProperty(keys("file"), keys("server"), cuts, async (pulled, pushed, schedule) => {
      const world: World = { pulled, pushed, answered: new Set(), tapped: [], alerts: [] };
      let dataDir = temporaryDir();
      for (const cut of [...schedule, undefined]) dataDir = (await runUntilCut(world, dataDir, cut)) ?? dataDir;

      const tapped = distinct(world.tapped);
      const ofFile = tapped.filter(({ meta }) => meta.source === "file");
      expect(ofFile.map(({ data }) => data)).toEqual(pulled);
      const requests = tapped.filter(({ meta }) => meta.source === "server").map(({ data }) => data["n"]);
      expect(new Set(requests)).toEqual(new Set(pushed.keys()));

      const oracle = new Map<unknown, string>();
      for (const { data, id } of tapped) if (!oracle.has(data["key"])) oracle.set(data["key"], id);
      const alerts = distinct(world.alerts).map(({ data }) => [data["key"], data["first"]]);
      expect(new Map(alerts as [string, string][])).toEqual(oracle);
      expect(alerts).toHaveLength(oracle.size);
    }),
    { numRuns: process.env["WEIR_LONG"] ? 15 : 5 },
  );
});
