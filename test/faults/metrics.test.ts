import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { freePort } from "../end-to-end/free-port.ts";
import { pipelineFile, readStats, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { Random } from "../kill/random.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const kills = isLong ? 40 : 3;

/** The samples that the sink makes, by series. */
const samplesOf = async (port: number): Promise<ReadonlyMap<string, number>> => {
  const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
    (response) => response.text(),
    () => "",
  );
  return new Map([...text.matchAll(/^(test_\S+) (\S+)$/gm)].map(([, series, value]) => [series!, Number(value)]));
};

it(`L1: ${kills} kills and a reload: no series goes back, and none counts an event twice or not, seed ${seed}`, async () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const random = new Random(seed);
  const port = await freePort();
  const labels = { team: "{{ team }}" };
  const pipelineWith = (timeout: string) =>
    pipelineFile(folder, {
      sources: { in: { type: "file", codec: "json", include: [path("in.ndjson")], poll_interval: "20ms" } },
      sinks: {
        metrics: {
          type: "prometheus",
          inputs: ["in"],
          batch: { max_events: 20, timeout },
          metrics: [
            { name: "test_events_total", type: "counter", labels },
            { name: "test_size", type: "histogram", value: "n", buckets: [10, 100], where: "n: *" },
            { name: "test_latest", type: "gauge", value: "n" },
          ],
        },
      },
    });
  const pipeline = pipelineWith("20ms");
  const args = ["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")];
  const start = () => startWeir([...args, "--listen", `127.0.0.1:${port}`]);
  const written: { readonly n?: number; readonly team: string }[] = [];
  const write = (count: number) => {
    const events = Array.from({ length: count }, () => ({
      team: "abc"[random.between(0, 2)]!,
      // Some have no number, and go to the dead letter.
      ...(random.chance(0.9) && { n: random.between(0, 200) }),
    }));
    written.push(...events);
    appendFileSync(path("in.ndjson"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  };
  let last: ReadonlyMap<string, number> = new Map();
  const scrape = async () => {
    const samples = await samplesOf(port);
    for (const [series, value] of samples)
      if (!series.startsWith("test_latest")) expect(value, series).toBeGreaterThanOrEqual(last.get(series) ?? 0);
    last = new Map([...last, ...samples]);
  };
  for (let kill = 0; kill < kills; kill++) {
    write(random.between(10, 100));
    const weir = start();
    await weir.said("running");
    for (let part = 0; part < 8; part++) {
      await sleep(random.between(0, 100));
      write(random.between(0, 20));
      await scrape();
    }
    if (kill === 1) {
      pipelineWith("10ms");
      weir.child.kill("SIGHUP");
      for (let part = 0; part < 5; part++) {
        write(5);
        await sleep(30);
        await scrape();
      }
    }
    await weir.stop("SIGKILL");
  }
  const weir = start();
  await weir.said("running");
  const counted = written.flatMap(({ n, team }) => (n === undefined ? [] : [{ n, team }]));
  const inTeam = (wanted: string) => counted.filter(({ team }) => team === wanted).length;
  const within = (most: number) => counted.filter(({ n }) => n <= most).length;
  const expected = {
    ...Object.fromEntries(["a", "b", "c"].map((team) => [`test_events_total{team="${team}"}`, inTeam(team)])),
    'test_size_bucket{le="10"}': within(10),
    'test_size_bucket{le="100"}': within(100),
    'test_size_bucket{le="+Inf"}': counted.length,
    test_size_sum: counted.reduce((sum, { n }) => sum + n, 0),
    test_size_count: counted.length,
    test_latest: counted.at(-1)!.n,
  };
  for (let waited = 0; waited < 30_000 && last.get("test_size_count") !== counted.length; waited += 50) {
    await sleep(50);
    await scrape();
  }
  // What would be counted twice would come now.
  await sleep(200);
  await scrape();
  expect(Object.fromEntries(last)).toEqual(expected);
  expect(await weir.stop("SIGTERM")).toMatchObject({ code: 0 });
  expectConservation(readStats(path("stats.json")));
}, 180_000);
