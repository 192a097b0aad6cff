/** How fast weirs that share a history are: detectors of a fleet on Kafka, and collectors with Valkey. */
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { number, type Section, table } from "./support/section.ts";

/** How many combinations there are if most events are known. */
const known = 5_000;
const partitions = 12;
const start = Date.now() - 3_600_000;

/** What it took weirs to handle the events. */
interface Found {
  readonly seconds: number;
  /** Of all weirs, without their starts. */
  readonly cpuSeconds: number;
  /** Of the server of the history, if it is measured. */
  readonly serverSeconds?: number;
  /** Records in the topic of the history. */
  readonly records?: number;
  /** Of the largest weir, in 10^6 bytes. */
  readonly resident: number;
}

/** User and system time of a process in seconds. Linux only; its ticks are hundredths. */
const cpuOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

const residentOf = (pid: number): number =>
  (Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024) / 1e6;

/** The end of a file, which may not exist yet. */
const endOf = (path: string): string => {
  if (!existsSync(path)) return "";
  const [file, { size }] = [openSync(path, "r"), statSync(path)];
  const bytes = Buffer.alloc(Math.min(size, 65_536));
  try {
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
  } finally {
    closeSync(file);
  }
  return bytes.toString();
};

/** The parts of the tests with real servers. They are loaded only when they are needed, as they look for the servers. */
const parts = async () => ({
  ...(await import("../test/counterparts/histories/audit.ts")),
  ...(await import("../test/counterparts/histories/collector.ts")),
  ...(await import("../test/counterparts/kafka/broker.ts")),
  ...(await import("../test/counterparts/kafka/detector.ts")),
  ...(await import("../test/counterparts/kafka/read-topic.ts")),
  ...(await import("../test/counterparts/valkey/server.ts")),
  ...(await import("../test/end-to-end/weir.ts")),
});
type Parts = Awaited<ReturnType<typeof parts>>;

/** The event with this number. Combinations come in turns, at 10,000 events a second of their own time. */
const eventOf = ({ readOf }: Parts, index: number, combinations: number): string =>
  readOf(`audit-${index}`, index % combinations, start + index / 10);

/** Runs weirs until `isDone`. `begin`: what happens when they all run. */
const measured = async (
  { Weir }: Parts,
  pipelines: readonly string[],
  { begin, isDone }: { readonly begin?: () => void; readonly isDone: () => boolean | Promise<boolean> },
): Promise<Found> => {
  const began = performance.now();
  const weirs = pipelines.map((path) => new Weir(["run", path, "--data-dir", `${path}.data`]));
  const cpu = () => weirs.reduce((sum, { child }) => sum + cpuOf(child.pid!), 0);
  try {
    await Promise.all(weirs.map((weir) => weir.said("running")));
    const [before, running] = [cpu(), performance.now()];
    begin?.();
    while (!(await isDone())) await sleep(100);
    const seconds = (performance.now() - (begin ? running : began)) / 1000;
    const resident = Math.max(...weirs.map(({ child }) => residentOf(child.pid!)));
    return { seconds, cpuSeconds: cpu() - before, resident };
  } finally {
    await Promise.all(weirs.map((weir) => weir.stop("SIGKILL")));
  }
};

const overKafka = async (of: Parts, folder: string, events: number, rows: (row: Row) => void): Promise<void> => {
  const { Producer, Consumer } = await import("@platformatic/kafka");
  const broker = await of.Broker.open({ more: ["group.min.session.timeout.ms=6000"] });
  const client = { clientId: "bench", bootstrapBrokers: [broker.address] };
  try {
    for (const combinations of [known, events])
      for (const count of [1, 2, 4]) {
        const topic = `candidates-${combinations}-${count}`;
        await broker.createTopic(topic, partitions);
        const producer = new Producer<Buffer, Buffer>(client);
        for (let from = 0; from < events; from += 1_000) {
          const messages = Array.from({ length: 1_000 }, (_, index) => ({
            topic,
            key: Buffer.from(String((from + index) % combinations)),
            value: Buffer.from(eventOf(of, from + index, combinations)),
          }));
          await producer.send({ messages } as never);
        }
        await producer.close(true);
        const nodes = Array.from({ length: count }, (_, n) =>
          of.detector(folder, `${topic}-${n}`, broker.address, topic),
        );
        const isDone = async () => (await of.committedTo(broker, of.detectorsOf(topic)).catch(() => 0)) >= events;
        const found = await measured(
          of,
          nodes.map(({ pipeline }) => pipeline),
          { isDone },
        );
        const consumer = new Consumer({ ...client, groupId: "bench" });
        const ends = await consumer.listOffsets({ topics: [of.historyOf(topic)] });
        await consumer.close(true);
        rows({ ...found, events, combinations, count, records: Number(ends.get(of.historyOf(topic))![0]) });
      }
  } finally {
    broker.remove();
  }
};

const overValkey = async (of: Parts, folder: string, events: number, rows: (row: Row) => void): Promise<void> => {
  const server = await of.Server.open();
  try {
    for (const count of [1, 2]) {
      const name = `valkey-${count}`;
      const state = { type: "valkey", url: server.url, prefix: `${name}:` };
      const nodes = Array.from({ length: count }, (_, n) => new of.Collector(folder, `${name}-${n}`, state));
      const logs = nodes.map((_, n) => {
        const own = Array.from({ length: events / count }, (_, index) => eventOf(of, index * count + n, known));
        // Its alert says that everything before it has been handled.
        return [...own, of.readOf(`last-${n}`, events + n, start + events / 10)];
      });
      const isDone = () =>
        nodes.every((_, n) => endOf(join(folder, `${name}-${n}.ndjson`)).includes(`tool-${events + n}/`));
      const before = cpuOf(server.pid);
      const begin = () => {
        for (const [n, node] of nodes.entries()) node.write(...logs[n]!);
      };
      const paths = nodes.map(({ pipeline }) => pipeline);
      const found = await measured(of, paths, { begin, isDone });
      rows({ ...found, events, combinations: known, count, serverSeconds: cpuOf(server.pid) - before });
    }
  } finally {
    server.remove();
  }
};

interface Row extends Found {
  readonly events: number;
  readonly combinations: number;
  readonly count: number;
}

const rowOf = ({ events, combinations, count, seconds, cpuSeconds, records, serverSeconds, resident }: Row) => [
  `${number(combinations)} combinations, ${count}`,
  number(seconds, 1),
  number(events / seconds),
  number(cpuSeconds, 1),
  number((cpuSeconds * 1e6) / events),
  number(records ?? serverSeconds!, records === undefined ? 1 : 0),
  number(resident),
];

const head = (who: string, last: string) => [
  who,
  "seconds",
  "events/s",
  `CPU seconds of all`,
  "µs an event",
  last,
  "resident MB of the largest",
];

/** What follows for a large cluster: a core for a detector's own events, and one for the records that all of them apply. */
const onPaper = (rows: readonly Row[]): string => {
  const { events } = rows[0]!;
  const at = (combinations: number, count: number) =>
    rows.find((row) => row.combinations === combinations && row.count === count)!;
  const perEvent = at(known, 1).cpuSeconds / events;
  const [one, four] = [at(events, 1), at(events, 4)];
  const perRecord = (four.cpuSeconds - one.cpuSeconds) / (3 * events);
  return `
**On paper, for a large cluster.** A detector spends ${number(perEvent * 1e6)} µs on an event with nothing new, and every detector spends
${number(perRecord * 1e6)} µs on each record of the history (the difference between four detectors and one if all combinations are new, over three
times the events). So a fleet handles about ${number(1 / perEvent)} known events a second for each core with a detector, as long as the topic has as
many partitions, and at most about ${number(1 / perRecord)} new combinations and refreshes a second, however many detectors it has. A
combination that is seen all the time is refreshed once a minute: 100,000 of them take ${number((100_000 / 60) * perRecord * 100, 1)} % of that core, and 20 detectors
on 20 cores handle about ${number(((1 - (100_000 / 60) * perRecord) * 20) / perEvent)} events a second. Neither the brokers nor the network were the limit here;
on other machines they can be.`;
};

export const detectors: Section = {
  name: "detectors",
  heading: "One history for several weirs",
  measure: async ({ megabytes }) => {
    const events = Math.max(known, Math.floor(megabytes / 10) * 1_000);
    const of = await parts();
    if (process.platform !== "linux") return "Not measured: it needs Linux.";
    const folder = mkdtempSync(join(tmpdir(), "weir-detectors-"));
    const [kafka, valkey]: [Row[], Row[]] = [[], []];
    try {
      if (of.hasKafka) await overKafka(of, folder, events, (row) => kafka.push(row));
      if (of.hasServer) await overValkey(of, folder, events, (row) => valkey.push(row));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return `
${number(events)} audit events through \`kubernetes_audit\` and a rule of new terms, with a history that all weirs share. Combinations come in turns.
Weirs, server and clients share the machine, so CPU seconds say more than events per second. They are those of all weirs, without their
starts; with Kafka, events per second include the starts.

${kafka.length > 0 ? `Detectors read a topic of ${partitions} partitions:\n\n${table(head("detectors", "records of history"), kafka.map(rowOf))}\n${onPaper(kafka)}` : "Kafka is not measured: test/counterparts/kafka/fetch.sh fetches it."}

${valkey.length > 0 ? `Collectors read logs of their own, and share a history in Valkey or Redis:\n\n${table(head("collectors", "CPU seconds of the server"), valkey.map(rowOf))}` : "Valkey is not measured: it is not installed."}`;
  },
};
