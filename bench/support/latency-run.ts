/**
 * Runs the headline pipeline and measures latencies: when a write of alerts is synced, prints for each alert how long ago
 * its event was appended, in microseconds. The user agent of the event contains that time.
 */

import { loadPipelineFile } from "../../src/cli/load-file.ts";
import { openLog } from "../../src/cli/log.ts";
import { plugins, trusted } from "../../src/cli/plugins.ts";
import type { Delivery, Writer } from "../../src/plugin.ts";
import { openDataDir } from "../../src/runtime/data-dir.ts";
import { Runtime } from "../../src/runtime/runtime.ts";
import { topologyOf } from "../../src/topology/topology.ts";

const [file, dataDir] = process.argv.slice(2) as [string, string];
const loaded = await loadPipelineFile(file);
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
const sink = plugins.find(({ kind, name }) => kind === "sink" && name === "file");
if (sink?.kind !== "sink") throw new Error("no file sink");

const print = (events: readonly Delivery[]) => {
  const now = process.hrtime.bigint();
  for (const { data } of events) {
    const agent = (data["user_agent"] as { original: string }).original;
    if (agent.startsWith("bench/")) process.stdout.write(`${Number(now - BigInt(agent.slice(6))) / 1e3}\n`);
  }
};
const timed: typeof sink = {
  ...sink,
  async open(context) {
    const writer = await sink.open(context);
    const write: Writer["write"] = async (events, signal) => {
      const outcome = await writer.write(events, signal);
      print(events);
      return outcome;
    };
    return { ...writer, write };
  },
};
const components = loaded.value.topology.components.map((component) =>
  component.kind === "sink" ? { ...component, plugin: timed } : component,
);
const log = await openLog("warn", "json");
const runtime = new Runtime(topologyOf(components), openDataDir(dataDir), { log, trusted });
await runtime.start();
process.stdout.write("ready\n");
process.on("SIGTERM", () => void runtime.stop(5_000));
await runtime.ended;
