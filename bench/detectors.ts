/**
 * How fast 1, 2 and 4 detectors of a fleet on Kafka are: `node --conditions=weir-source bench/detectors.ts [--events 200000]`. Needs a
 * build, and test/counterparts/kafka/fetch.sh. CPU time is what counts: several detectors share the cores of one machine here.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Consumer, Producer } from "@platformatic/kafka";
import { readOf } from "../test/counterparts/histories/audit.ts";
import { Broker } from "../test/counterparts/kafka/broker.ts";
import { detector, detectorsOf, historyOf } from "../test/counterparts/kafka/detector.ts";
import { committedTo } from "../test/counterparts/kafka/read-topic.ts";
import { Weir } from "../test/end-to-end/weir.ts";

const { values } = parseArgs({ options: { events: { type: "string", default: "200000" } } });
const events = Number(values.events);
const partitions = 12;
const start = Date.now() - 3_600_000;

const broker = await Broker.open({ more: ["group.min.session.timeout.ms=6000"] });
const folder = mkdtempSync(join(tmpdir(), "weir-detectors-"));

/** Events of so many combinations, which come in turns, at 10,000 a second of their own time. */
const fill = async (topic: string, combinations: number): Promise<void> => {
  await broker.createTopic(topic, partitions);
  const producer = new Producer({ clientId: "bench", bootstrapBrokers: [broker.address] });
  for (let from = 0; from < events; from += 1_000) {
    const messages = Array.from({ length: Math.min(1_000, events - from) }, (_, index) => {
      const combination = (from + index) % combinations;
      const value = readOf(`audit-${from + index}`, combination, start + (from + index) / 10);
      return { topic, key: Buffer.from(String(combination)), value: Buffer.from(value) };
    });
    await producer.send({ messages });
  }
  await producer.close(true);
};

const historyRecords = async (topic: string): Promise<number> => {
  const consumer = new Consumer({ clientId: "bench", groupId: "bench", bootstrapBrokers: [broker.address] });
  const ends = await consumer.listOffsets({ topics: [historyOf(topic)] });
  await consumer.close(true);
  return Number(ends.get(historyOf(topic))![0]);
};

/** User and system time of a process in seconds. Linux only; its ticks are hundredths. */
const cpuOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

const residentOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

let runs = 0;
const measure = async (combinations: number, count: number): Promise<void> => {
  const topic = `candidates-${runs++}`;
  await fill(topic, combinations);
  const weirs = Array.from(
    { length: count },
    (_, index) =>
      new Weir([
        "run",
        detector(folder, `${topic}-${index}`, broker.address, topic).pipeline,
        "--data-dir",
        join(folder, `${topic}-${index}`),
      ]),
  );
  const pids = weirs.map(({ child }) => child.pid!);
  const began = performance.now();
  while ((await committedTo(broker, detectorsOf(topic)).catch(() => 0)) < events) await sleep(250);
  const seconds = (performance.now() - began) / 1000;
  const cpu = pids.reduce((sum, pid) => sum + cpuOf(pid), 0);
  const memory = Math.max(...pids.map(residentOf));
  await Promise.all(weirs.map((weir) => weir.stop("SIGTERM")));
  const records = await historyRecords(topic);
  console.log(
    `${combinations} combinations, ${count} detectors: ${events} events in ${seconds.toFixed(1)} s with ${cpu.toFixed(1)} s of CPU, ${((cpu * 1e6) / events).toFixed(0)} µs an event; ${records} records of history; at most ${memory.toFixed(0)} MiB`,
  );
};

try {
  for (const combinations of [5_000, events]) for (const count of [1, 2, 4]) await measure(combinations, count);
} finally {
  broker.remove();
  rmSync(folder, { recursive: true, force: true });
}
