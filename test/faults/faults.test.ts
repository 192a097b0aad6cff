import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { pipelineFile, readStats, startWeir, temporaryFolder, type Weir } from "../end-to-end/weir.ts";
import { readDeadLetters } from "../kill/dead-letters.ts";
import { Random } from "../kill/random.ts";
import { BulkReceiver } from "./bulk-receiver.ts";
import { FaultServer } from "./fault-server.ts";
import { type FaultName, faults } from "./faults.ts";
import { LokiReceiver } from "./loki-receiver.ts";
import { OtlpReceiver } from "./otlp-receiver.ts";
import { isPoison } from "./receiver.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** Kills in all, over several schedules. */
const kills = isLong ? 300 : 30;
const killsPerRun = 10;
/** Schedules at a time: most of a life is waiting. */
const sideBySide = 3;

const delivery = {
  health_check: false,
  timeout: "150ms",
  retry: { initial: "5ms", max: "50ms" },
  concurrency: 8,
};

/**
 * A log for each sink: in batches by `http`, one by one and signed by `webhook`, by the bulk API of Elasticsearch, as log records by
 * OTLP, and as pushes to Loki.
 */
const setUp = async (...seeds: readonly number[]) => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const servers = {
    many: new FaultServer([...seeds, 2]),
    single: new FaultServer([...seeds, 3]),
    bulk: new FaultServer([...seeds, 4], BulkReceiver),
    otlp: new FaultServer([...seeds, 5], OtlpReceiver),
    loki: new FaultServer([...seeds, 6], LokiReceiver),
  };
  const read = { type: "file", codec: "json", poll_interval: "20ms" };
  const sinks = {
    many: {
      type: "http",
      inputs: ["many_lines"],
      url: await servers.many.start(),
      batch: { max_events: 10, timeout: "10ms" },
      ...delivery,
    },
    single: {
      type: "webhook",
      inputs: ["single_lines"],
      url: await servers.single.start(),
      secret: "whsec_dGhlIGtleSBvZiBhIHRlc3Q=",
      ...delivery,
    },
    bulk: {
      type: "elasticsearch",
      inputs: ["bulk_lines"],
      url: await servers.bulk.start(),
      batch: { max_events: 10, timeout: "10ms" },
      ...delivery,
    },
    otlp: {
      type: "otlp",
      inputs: ["otlp_lines"],
      url: await servers.otlp.start(),
      encoding: "json",
      compression: "none",
      batch: { max_events: 10, timeout: "10ms" },
      ...delivery,
    },
    loki: {
      type: "loki",
      inputs: ["loki_lines"],
      url: await servers.loki.start(),
      labels: { job: "weir", digit: "{{ digit }}" },
      compression: "none",
      batch: { max_events: 10, timeout: "10ms" },
      ...delivery,
    },
  };
  const sources = {
    many_lines: { ...read, include: [path("many.ndjson")] },
    single_lines: { ...read, include: [path("single.ndjson")] },
    bulk_lines: { ...read, include: [path("bulk.ndjson")] },
    otlp_lines: { ...read, include: [path("otlp.ndjson")] },
    loki_lines: { ...read, include: [path("loki.ndjson")] },
  };
  return { servers, path, pipeline: pipelineFile(folder, { sources, sinks }) };
};

type SetUp = Awaited<ReturnType<typeof setUp>>;
const sinkIds = ["many", "single", "bulk", "otlp", "loki"] as const;

/** Writes numbered events, more of them for the sink that takes many at once. */
class Load {
  readonly written = { many: 0, single: 0, bulk: 0, otlp: 0, loki: 0 };
  readonly #path: SetUp["path"];

  constructor(path: SetUp["path"]) {
    this.#path = path;
  }

  write(events: number): void {
    this.#append("many", events);
    this.#append("single", Math.ceil(events / 3));
    for (const sink of ["bulk", "otlp", "loki"] as const) this.#append(sink, events);
  }

  #append(sink: (typeof sinkIds)[number], events: number): void {
    const lines = Array.from({ length: events }, () => {
      const n = this.written[sink]++;
      return `${JSON.stringify({ n, ...(sink === "loki" && { digit: n % 10 }) })}\n`;
    });
    appendFileSync(this.#path(`${sink}.ndjson`), lines.join(""));
  }
}

const start = ({ pipeline, path }: SetUp): Weir =>
  startWeir(["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")]);

/** Waits until it is so; what never will be is found missing afterwards. */
const settled = async (isSo: () => boolean, weir: Weir): Promise<void> => {
  for (let waited = 0; !isSo() && weir.isAlive && waited < 20_000; waited += 10) await sleep(10);
};

/** Whether nothing is missing that a receiver could still be given. */
const hasAll = ({ receiver: { taken, refused } }: FaultServer, count: number): boolean =>
  Array.from({ length: count }).every((_, n) => taken.has(n) || refused.has(n));

/** Lives ended by SIGKILL, at any moment from the start on, with work waiting. */
const killOften = async (plan: SetUp, load: Load, random: Random): Promise<void> => {
  for (let kill = 0; kill < killsPerRun; kill++) {
    load.write(random.between(40, 200));
    const weir = start(plan);
    if (random.chance(0.85)) await weir.said("running");
    await sleep(random.between(0, 100));
    load.write(random.between(0, 60));
    await sleep(random.between(0, 400));
    expect(await weir.stop("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
  }
};

/** One more life, through faults until each has come about somewhere; then until nothing is left to deliver. */
const liveOn = async (plan: SetUp, load: Load): Promise<void> => {
  const weir = start(plan);
  await weir.said("running");
  await sleep(300);
  await settled(() => {
    if (missingFaults().length === 0) return true;
    load.write(3);
    return false;
  }, weir);
  for (const id of sinkIds) plan.servers[id].always("none");
  await settled(() => sinkIds.every((id) => hasAll(plan.servers[id], load.written[id])), weir);
  expect(await weir.stop("SIGTERM")).toMatchObject({ code: 0 });
};

const expectAccountedFor = ({ servers, path }: SetUp, load: Load): void => {
  expectConservation(readStats(path("stats.json")));
  const letters = readDeadLetters(path("data")) as unknown as readonly Letter[];
  for (const id of sinkIds) {
    const { taken, refused, contradictions } = servers[id].receiver;
    const dead = new Set(letters.filter(({ head }) => head.component === id).map(({ data }) => data.n));
    const all = Array.from({ length: load.written[id] }, (_, n) => n);
    expect(
      all.filter((n) => !taken.has(n) && !dead.has(n)),
      `lost on the way to ${id}`,
    ).toEqual([]);
    expect(all.filter((n) => isPoison(n) && taken.has(n))).toEqual([]);
    expect(
      [...dead].filter((n) => !refused.has(n)),
      `given up without a word from ${id}`,
    ).toEqual([]);
    expect(contradictions).toEqual([]);
    if (id === "bulk") expect([...taken.values()].filter((times) => times > 1)).toEqual([]);
  }
};

interface Letter {
  readonly head: { readonly component: string };
  readonly data: { readonly n: number };
}

const allServers: FaultServer[] = [];

const missingFaults = (): string[] =>
  Object.keys(faults).filter((name) => !allServers.some(({ counts }) => counts.has(name as FaultName)));

const runSchedule = async (index: number): Promise<void> => {
  const plan = await setUp(seed, index);
  allServers.push(...Object.values(plan.servers));
  const load = new Load(plan.path);
  await killOften(plan, load, new Random(seed, index));
  await liveOn(plan, load);
  expectAccountedFor(plan, load);
};

it(`L1–L4: ${kills} kills among faulty receivers: each event is delivered or dead-lettered, seed ${seed}`, async () => {
  for (let index = 0; index * killsPerRun < kills; index += sideBySide)
    await Promise.all(Array.from({ length: sideBySide }, (_, more) => runSchedule(index + more)));
  expect(missingFaults(), "faults that never came about").toEqual([]);
}, 900_000);
