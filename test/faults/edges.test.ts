import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { pipelineFile, readStats, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { Random } from "../kill/random.ts";
import { FaultyStream, streamFaults } from "./faulty-stream.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const kills = isLong ? 30 : 3;

/** A command that fails in every way that one can, before and after it has taken its input. */
const faultyCommand = `
  echo >> "$COUNT"
  case $(( (SEED + $(wc -l < "$COUNT") * 7919) % 7 )) in
    0) exit 1 ;;
    1) cat >> "$OUT"; exit 1 ;;
    2) kill -9 $$ ;;
    3) sleep 1000 ;;
    *) cat >> "$OUT" ;;
  esac`;

/** Numbers of the whole lines: a kill may cut one. */
const numbersIn = (path: string): Set<number> => {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  return new Set([...text.matchAll(/^\{"n":(\d+)\}$/gm)].map(([, n]) => Number(n)));
};

it(`L1: ${kills} kills, a receiver of syslog and a command that fail: no event is missing, seed ${seed}`, async () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const random = new Random(seed);
  const receiver = new FaultyStream(new Random(seed, 1));
  const delivery = {
    inputs: ["in"],
    health_check: false,
    timeout: "300ms",
    retry: { initial: "5ms", max: "30ms" },
    batch: { max_events: 10, timeout: "10ms" },
  };
  const environment = { COUNT: path("count"), OUT: path("out"), SEED: String(seed % 7) };
  const pipeline = pipelineFile(folder, {
    sources: { in: { type: "file", codec: "json", include: [path("in.ndjson")], poll_interval: "20ms" } },
    sinks: {
      log: { type: "syslog", address: await receiver.start(), confirm: true, ...delivery, concurrency: 3 },
      run: { type: "exec", command: ["sh", "-c", faultyCommand], environment, ...delivery },
    },
  });
  const start = () => startWeir(["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")]);
  let written = 0;
  const write = (count: number) => {
    const lines = Array.from({ length: count }, () => `${JSON.stringify({ n: written++ })}\n`);
    appendFileSync(path("in.ndjson"), lines.join(""));
  };
  for (let kill = 0; kill < kills; kill++) {
    write(random.between(10, 60));
    const weir = start();
    await weir.said("running");
    await sleep(random.between(0, 600));
    await weir.stop("SIGKILL");
  }
  const weir = start();
  await weir.said("running");
  // Until everything that can happen has happened.
  for (let waited = 0; receiver.counts.size < streamFaults.length && waited < 20_000; waited += 50) {
    write(2);
    await sleep(50);
  }
  receiver.end();
  const all = Array.from({ length: written }, (_, n) => n);
  const missing = () => ({
    log: all.filter((n) => !receiver.taken.has(n)),
    run: all.filter((n) => !numbersIn(path("out")).has(n)),
  });
  for (let waited = 0; waited < 60_000; waited += 100) {
    const { log, run } = missing();
    if (log.length + run.length === 0 || !weir.isAlive) break;
    await sleep(100);
  }
  expect(await weir.stop("SIGTERM")).toMatchObject({ code: 0 });
  expect(missing()).toEqual({ log: [], run: [] });
  expectConservation(readStats(path("stats.json")));
  expect([...receiver.counts.keys()].sort()).toEqual([...streamFaults].sort());
}, 180_000);
