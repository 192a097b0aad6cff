import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { expectConservation } from "./conservation.ts";
import { freePort } from "./free-port.ts";
import { pipelineFile, readLines, readStats, startWeir, temporaryFolder } from "./weir.ts";

interface InternalEvent {
  readonly "@timestamp": string;
  readonly message?: string;
  readonly log?: { readonly level: string; readonly logger: string };
  readonly weir?: Readonly<Record<string, unknown>> & { readonly component?: { readonly id: string } };
}

const eventsIn = (path: string) => (existsSync(path) ? (readLines(path) as unknown as InternalEvent[]) : []);

const until = async (isSo: () => boolean): Promise<void> => {
  for (let waited = 0; !isSo() && waited < 20_000; waited += 20) await sleep(20);
};

it("makes events of metrics and of the log, and the log has no line about where these go", async () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const nobody = `http://127.0.0.1:${await freePort()}/`;
  const failing = { type: "http", url: nobody, retry: { initial: "5ms", max: "10ms" }, batch: { timeout: "5ms" } };
  const pipeline = pipelineFile(folder, {
    sources: {
      in: { type: "demo", count: 20, rate: 0 },
      numbers: { type: "internal_metrics", interval: "50ms" },
      said: { type: "internal_logs" },
    },
    sinks: {
      numbers_out: { type: "file", inputs: ["numbers"], path: path("numbers.ndjson") },
      said_out: { type: "file", inputs: ["said"], path: path("said.ndjson") },
      // Fails for ever, and would say so in its own events.
      said_nowhere: { ...failing, inputs: ["said"], health_check: false },
      in_nowhere: { ...failing, inputs: ["in"] },
    },
  });
  const args = ["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json"), "--drain", "1s"];
  const weir = startWeir(args);
  await weir.said("running");
  const numbers = () => eventsIn(path("numbers.ndjson"));
  const said = () => eventsIn(path("said.ndjson"));
  const failed = ({ log, message = "" }: InternalEvent) =>
    log?.logger === "in_nowhere" && message.includes("delivery of");
  await until(() => numbers().length > 20 && said().some(failed));
  await until(() => weir.log.some(({ component, msg }) => component === "said_nowhere" && msg.includes("failed")));
  await sleep(300);
  await weir.stop("SIGTERM");

  const ofSink = numbers().filter(({ weir }) => weir?.component?.id === "in_nowhere");
  expect(ofSink.at(-1)?.weir).toMatchObject({
    component: { id: "in_nowhere", kind: "sink", type: "http" },
    component_received_events_total: 20,
    component_sent_events_total: 0,
    component_in_flight_events: 20,
    unbalanced_events: 0,
  });
  const ofRun = numbers().filter(({ weir }) => weir?.component === undefined);
  expect(ofRun.at(-1)).toMatchObject({
    event: { kind: "metric" },
    service: { type: "weir" },
    weir: { commits_total: expect.any(Number), process_resident_memory_bytes: expect.any(Number) },
  });
  // One for each component, and one for the run.
  expect(numbers().length).toBe(ofRun.length * 8);

  const line = said().find(failed);
  expect(line).toMatchObject({ log: { level: "warn" }, weir: { attempt: 1, reason: "failed" } });
  const loggers = new Set(said().map(({ log }) => log?.logger));
  for (const own of ["said", "said_out", "said_nowhere"]) expect(loggers.has(own), own).toBe(false);
  const { components } = readStats(path("stats.json"));
  expect(components["said"]?.component_received_events_total).toBe(said().length);
  expectConservation({
    ...readStats(path("stats.json")),
    components: Object.fromEntries(Object.entries(components).filter(([id]) => !id.endsWith("nowhere"))),
  });
}, 60_000);
