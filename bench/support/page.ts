import type { HttpThroughput } from "../http.ts";
import type { Latency } from "../latency.ts";
import type { ManyRules } from "../rules.ts";
import type { Shaping } from "../shaping.ts";
import type { TapCost } from "../taps.ts";
import type { Throughput } from "../throughput.ts";
import type { WebSocketThroughput } from "../websocket.ts";
import { machine } from "./measure.ts";
import type { Workload } from "./workload.ts";

export interface Results {
  readonly work: Workload;
  readonly rounds: number;
  readonly files: readonly Throughput[];
  /** Peak resident set on a tenth of the workload, in 10^6 bytes. */
  readonly smallPeak: number;
  readonly manyRules: readonly ManyRules[];
  readonly shapings: readonly Shaping[];
  readonly fileLatencies: readonly Latency[];
  readonly http: readonly HttpThroughput[];
  readonly httpLatencies: readonly Latency[];
  readonly webSockets: readonly WebSocketThroughput[];
  readonly taps: readonly TapCost[];
  /** The section that `npm run soak` wrote. */
  readonly soak: string;
}

const number = (value: number, digits = 0): string =>
  value.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: digits });

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** The text of docs/benchmarks.md, from the results. */
export const benchmarksPage = (results: Results): string => `# Benchmarks

Written by \`npm run bench\`, which runs everything below in one go, except the soak; do not edit this page. Last run: ${new Date().toISOString().slice(0, 10)}
on ${machine()}. Clients and writers share the machine with weir. Compare ratios within a run, not figures between machines.

${files(results)}

${rulesSection(results.manyRules)}

${shapingSection(results.shapings)}

${latency(results.fileLatencies)}

${http(results)}

${webSockets(results)}

${tapSection(results.taps)}
${results.soak === "" ? "" : `\n${results.soak}`}`;

const rulesHeading = "## Many rules";
const shapingHeading = "## Shaping and counting";
const nextHeading = "## From a line to its alert";

/** The page with another section about many rules; the others stay as they are. */
export const withRules = (page: string, rules: readonly ManyRules[]): string =>
  withSection(page, [rulesHeading, shapingHeading], rulesSection(rules));

/** The page with another section about shaping; the others stay as they are. */
export const withShaping = (page: string, shapings: readonly Shaping[]): string =>
  withSection(page, [shapingHeading, nextHeading], shapingSection(shapings));

const withSection = (page: string, [heading, next]: readonly [string, string], section: string): string => {
  const [end, start] = [page.indexOf(next), page.indexOf(heading)];
  return `${page.slice(0, start < 0 ? end : start)}${section}\n\n${page.slice(end)}`;
};

const rulesSection = (rules: readonly ManyRules[]): string => `${rulesHeading}

The pipeline of the first section, with other rules in Elastic's TOML, each with values of its own. They match no event, so all the time goes into
finding that out. The CPU time of whole processes with all their threads, on ${number(rules[0]!.work.bytes)} bytes; loading the rules is a
part of it.

${table(
  ["rules", "CPU seconds", "MB/s", "events/s", "relative to one rule in KQL", "peak MB"],
  rules.map(({ name, work, cpuSeconds, peakMegabytes }) => [
    name,
    number(cpuSeconds, 2),
    number(work.bytes / 1e6 / cpuSeconds),
    number(work.events / cpuSeconds),
    number(rules[0]!.cpuSeconds / cpuSeconds, 2),
    number(peakMegabytes),
  ]),
)}`;

const files = ({ work, rounds, files, smallPeak }: Results): string => {
  const bare = files.find(({ name }) => name.startsWith("bare loop"))!;
  const rows = files.map(({ name, seconds, megabytesPerSecond, eventsPerSecond }) => [
    name,
    number(seconds, 2),
    number(megabytesPerSecond),
    number(eventsPerSecond),
    number(megabytesPerSecond / bare.megabytesPerSecond, 2),
  ]);
  return `## Reading a whole file

${number(work.bytes)} bytes of NDJSON, ${number(work.events)} made-up Kubernetes audit events of ${number(work.bytes / work.events)} bytes on average
(from the \`demo\` source, seed 1), with a warm page cache. Times are of whole processes, which run in turn; medians of ${rounds}
rounds. weir runs as users run it, with its data dir on disk: each alert is committed, delivered and synced.

${table(["program", "seconds", "MB/s", "events/s", "relative to the bare loop"], rows)}

The peak resident set of weir was ${number(files[0]!.peakMegabytes!)} MB, and ${number(smallPeak)} MB with a tenth of the file.`;
};

const shapingSection = (shapings: readonly Shaping[]): string => {
  const rows = shapings.map(({ name, work, cpuSeconds, peakMegabytes }) => {
    const loop = shapings.find((other) => other.work.path === work.path && other.name.startsWith("loop by hand"))!;
    return [
      name,
      number(cpuSeconds, 2),
      number(work.bytes / 1e6 / cpuSeconds, 1),
      number(work.events / cpuSeconds),
      number(loop.cpuSeconds / cpuSeconds, 2),
      peakMegabytes === undefined ? "–" : number(peakMegabytes),
    ];
  });
  return `${shapingHeading}

An access log in the combined format, cut into fields by \`%{COMBINEDAPACHELOG}\`, with its date read and its numbers converted; and sums by
key over one window, of NDJSON in which each key comes twice. The CPU time of whole processes with all their threads, and figures per
second of it, on one core. weir runs as users run it: what it writes, and each sum before its window ends, is committed to disk. The loops by
hand keep nothing, and a crash loses what they do.

${table(["program", "CPU seconds", "MB/s", "events/s", "relative to the loop", "peak MB"], rows)}`;
};

const latencyTable = (latencies: readonly Latency[]): string =>
  table(
    ["load", "alerts", "p50 ms", "p99 ms"],
    latencies.map(({ name, alerts, p50, p99 }) => [name, number(alerts), number(p50, 1), number(p99, 1)]),
  );

const latency = (latencies: readonly Latency[]): string => `${nextHeading}

The time from the write of a line to the log until its alert is synced to the alerts file. In between the alert is
committed to disk and delivered. The writer makes one write per line.

${latencyTable(latencies)}`;

const http = ({ http, httpLatencies }: Results): string => {
  const rows = http.map((row) => [
    row.name,
    servers[row.server],
    number(row.megabytesPerSecond),
    number(row.requestsPerSecond),
    number(row.megabytesPerCpuSecond),
    number(row.requestsPerCpuSecond),
    number(row.p50, 1),
    number(row.p99, 1),
    row.peakMegabytes === undefined ? "–" : number(row.peakMegabytes),
  ]);
  return `## HTTP

POSTs on loopback to \`http_server\`, through the headline pipeline. Each is answered with 200 when its events are committed to
disk. Single events use 64 connections, because each event waits for its own commit; the others use 8. A process of its own
sends prepared requests over raw sockets. In the same run, servers on \`node:http\` that do less: one that reads each body, one
that also calls JSON.parse on it, and one that instead appends bodies to a file and syncs it before it answers. A CPU second
is one of the server's user and system time: on one core, it can do no more in a second.

${table(["bodies", "server", "MB/s", "requests/s", "MB a CPU second", "requests a CPU second", "p50 ms", "p99 ms", "peak MB"], rows)}

The time from the POST until the alert is in the alerts file:

${latencyTable(httpLatencies)}`;
};

const servers = { weir: "weir", receive: "reads", parse: "reads and parses", sync: "reads and syncs" } as const;

const webSockets = ({ webSockets }: Results): string => {
  const rows = webSockets.map((row) => [
    row.name,
    number(row.megabytesPerSecond),
    number(row.messagesPerSecond),
    number(row.megabytesPerCpuSecond),
    number(row.messagesPerCpuSecond),
    number(row.p50, 1),
    number(row.p99, 1),
    number(row.peakMegabytes),
  ]);
  return `## WebSocket

Messages on loopback to \`websocket_server\`, through the headline pipeline, each acknowledged when its events are committed. A
client has up to 400 messages or 1.5 MB that are not acknowledged yet.

${table(["messages", "MB/s", "messages/s", "MB a CPU second", "messages a CPU second", "p50 ms", "p99 ms", "peak MB"], rows)}`;
};

const tapSection = (taps: readonly TapCost[]): string => {
  const rows = taps.map(({ name, cpuSeconds, ratio, shown }) => [
    name,
    number(cpuSeconds, 2),
    number(ratio, 3),
    number(shown),
  ]);
  return `## Watching events

The CPU time of the run of [Reading a whole file](#reading-a-whole-file), and how many events a tap beside it showed. The time of
the tap's own process is not in it.

${table(["beside the run", "CPU seconds", "relative to no tap", "events shown"], rows)}`;
};
