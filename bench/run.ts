/** Runs the benchmarks and writes docs/benchmarks.md: `npm run bench [-- --megabytes 1000 --rounds 5]`. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { latencies } from "./latency.ts";
import { machine } from "./support/measure.ts";
import { workload } from "./support/workload.ts";
import { runWeir, throughput } from "./throughput.ts";

const { values } = parseArgs({
  options: { megabytes: { type: "string", default: "1000" }, rounds: { type: "string", default: "5" } },
});
const megabytes = Number(values.megabytes);

const speeds = throughput(megabytes, Number(values.rounds));
const work = workload(megabytes);
const small = runWeir(workload(megabytes / 10)).stats.peak_memory_bytes / 1e6;
const delays = await latencies();

const number = (value: number, digits = 0) =>
  value.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: digits });
const bare = speeds[1]!;
const rows = speeds.map(
  ({ name, seconds, megabytesPerSecond, eventsPerSecond }) =>
    `| ${name} | ${number(seconds, 2)} | ${number(megabytesPerSecond)} | ${number(eventsPerSecond)} | ${number(megabytesPerSecond / bare.megabytesPerSecond, 2)} |`,
);
const page = `# Benchmarks

Written by \`npm run bench\`, which runs everything below in one go; do not edit. Last run: ${new Date().toISOString().slice(0, 10)}
on ${machine()}.

## Throughput

${number(work.bytes)} bytes of NDJSON, ${number(work.events)} made-up Kubernetes audit events of ${number(work.bytes / work.events)} bytes on average
(the \`demo\` source's, seed 1), page cache warm. Whole processes, start to end, in turns; medians of ${values.rounds} rounds. weir runs
as users run it, with its data dir on disk: each alert is committed, delivered and synced.

| program | seconds | MB/s | events/s | of the bare loop |
| --- | --- | --- | --- | --- |
${rows.join("\n")}

Memory is flat: weir's peak resident set was ${number(speeds[0]!.peakMegabytes!)} MB here, and ${number(small)} MB on a tenth of the file.

## Latency

From the write of a line to the log until its alert is synced in the file of alerts (commit and delivery both on disk).
The writer makes one write a line and shares the machine.

| load | alerts | p50 ms | p99 ms |
| --- | --- | --- | --- |
${delays.map(({ name, alerts, p50, p99 }) => `| ${name} | ${number(alerts)} | ${number(p50, 1)} | ${number(p99, 1)} |`).join("\n")}
`;
writeFileSync(fileURLToPath(new URL("../docs/benchmarks.md", import.meta.url)), page);
console.log(page);
