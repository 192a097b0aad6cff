import { setTimeout as sleep } from "node:timers/promises";
import { Producer } from "@platformatic/kafka";
import { beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../end-to-end/free-port.ts";
import { temporaryFolder } from "../../end-to-end/weir.ts";
import { Random } from "../../kill/random.ts";
import { readOf, start, termsOf } from "../histories/audit.ts";
import { Collector } from "../histories/collector.ts";
import type { Node } from "../histories/node.ts";
import { until } from "../histories/until.ts";
import { Broker, hasKafka } from "./broker.ts";
import { detector, detectorsOf } from "./detector.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const day = 24 * 3_600_000;

const events = 50_000;
const combinations = 5_000;
const partitions = 12;
const rounds = 10;
const runs = isLong ? 100 : 1;

interface Candidate {
  readonly id: string;
  readonly combination: number;
  readonly at: number;
}

/** Reads of secrets in the order of their times for each combination: now and then, one was away for longer than the window. */
const candidatesFor = (random: Random): readonly Candidate[] => {
  const last = new Map<number, number>();
  return Array.from({ length: events }, (_, n) => {
    const combination = n < combinations ? n : random.between(0, combinations - 1);
    const gap = random.chance(0.1) ? random.between(8 * day, 20 * day) : random.between(0, day);
    // None of them is in the future: that would be another time.
    const at = (last.get(combination) ?? start - 1_000 * day) + gap;
    last.set(combination, at);
    return { id: `audit-${n}`, combination, at };
  });
};

/** What one weir would raise that gets everything in order: the event of each alert, and whom it names. */
const oracle = (all: readonly Candidate[]): ReadonlyMap<string, string> => {
  const last = new Map<number, number>();
  const found = new Map<string, string>();
  for (const { id, combination, at } of all) {
    const before = last.get(combination);
    if (before === undefined || before < at - 7 * day) found.set(id, termsOf(combination));
    last.set(combination, at);
  }
  return found;
};

describe.skipIf(!hasKafka)("detectors with one history in Kafka", () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await Broker.start({ more: ["group.min.session.timeout.ms=6000"] });
  }, 180_000);

  const produce = async (topic: string, some: readonly Candidate[]): Promise<void> => {
    const producer = new Producer({ clientId: "test", bootstrapBrokers: [broker.address], idempotent: true });
    const messages = some.map(({ id, combination, at }) => ({
      topic,
      key: Buffer.from(String(combination)),
      value: Buffer.from(readOf(id, combination, at)),
    }));
    for (let from = 0; from < messages.length; from += 1_000)
      await producer.send({ messages: messages.slice(from, from + 1_000) });
    await producer.close(true);
  };

  /** Resolves when the group has given all partitions to these, and none to one that stands still. */
  const untilOthersHaveAll = async (topic: string, others: readonly Node[]): Promise<void> => {
    expect(others.every(({ isRunning }) => isRunning)).toBe(true);
    // Until then the group can still count one that is gone.
    await sleep(7_000);
    for (let tries = 0; tries < 300; tries++) {
      const group = await broker.admin((admin) => admin.describeGroups({ groups: [detectorsOf(topic)] }));
      const { state, members } = group.get(detectorsOf(topic))!;
      if (state === "Stable" && members.size === others.length) return;
      await sleep(200);
    }
    throw new Error("the group still waits for the one that stands still after a minute");
  };

  it.each(Array.from({ length: runs }, (_, run) => run))(
    `raise the alerts of one that gets everything, whoever is killed or stands still, seed ${seed}, run %d`,
    async (run) => {
      const random = new Random(seed, run);
      const topic = `candidates-${run}`;
      const folder = temporaryFolder();
      await broker.createTopic(topic, partitions);
      const all = candidatesFor(random);
      const expected = oracle(all);
      const nodes = [0, 1, 2, 3].map((index) => detector(folder, `detector${index}`, broker.address, topic));
      const [first, second, zombie, fourth] = nodes as [Node, Node, Node, Node];
      for (const node of [first, second, zombie]) node.run();
      for (let round = 0; round < rounds; round++) {
        await produce(topic, all.slice((round * events) / rounds, ((round + 1) * events) / rounds));
        await sleep(random.between(0, 1_500));
        // It stands still until its partitions have gone to others, and goes on with what it was about to do.
        if (round === 1) zombie.pause();
        if (round === 5) zombie.resume();
        if (round === 2) fourth.run();
        if (round === 3) await broker.restart(random.between(0, 500));
        if (round === 4) await untilOthersHaveAll(topic, [second, fourth, first]);
        if (round === 7) await first.end("SIGTERM");
        const victim = [second, fourth][random.between(0, 1)]!;
        if (!victim.isRunning) continue;
        await victim.end("SIGKILL");
        await sleep(random.between(0, 500));
        victim.run();
      }
      const raised = () => nodes.flatMap(({ alerts }) => alerts);
      for (let tries = 0; tries < 180 && new Set(raised().map(({ id }) => id)).size < expected.size; tries++)
        await sleep(200);
      // What is left brings nothing more.
      await sleep(2_000);
      await Promise.all([second, zombie, fourth].map((node) => node.end("SIGTERM")));
      const found = raised();
      for (const { alerts } of nodes) expect(new Set(alerts.map(({ id }) => id)).size).toBe(alerts.length);
      const terms = new Map(found.map((alert) => [alert.event.split("/")[0]!, alert.terms]));
      expect(terms).toEqual(expected);
      expect(new Set(found.map(({ id }) => id)).size).toBe(expected.size);
      console.log(
        `${found.length} alerts with ${expected.size} ids, by detector: ${nodes.map(({ alerts }) => alerts.length)}`,
      );
    },
    600_000,
  );

  it("go on with what is known while Kafka is away, wait with the rest, say so, and lose nothing", async () => {
    const folder = temporaryFolder();
    const state = { type: "kafka", brokers: [broker.address], topic: "away" };
    const node = new Collector(folder, "node", state);
    const port = await freePort();
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, await response.text()] as const;
    };
    const write = (combination: number, id: string) => node.write(readOf(id, combination, start));
    broker.kill();
    write(1, "a");
    const weir = node.run(["--listen", `127.0.0.1:${port}`]);
    expect(
      await weir.said("nothing is listening there (ECONNREFUSED); weir retries, and reads no events until it succeeds"),
    ).toBe(true);
    expect((await get("/ready"))[0]).toBe(503);
    await broker.run();
    await until(() => node.alerts.length === 1);
    broker.kill();
    write(1, "b");
    const known = /consumed_events_total\{[^}]*"detect"[^}]*"known"[^}]*\} 1/;
    await until(async () => known.test((await get("/metrics"))[1]));
    write(2, "c");
    await weir.said("events wait, and it is tried again until there is an answer");
    await until(async () => (await get("/ready"))[1].includes("Kafka at 127.0.0.1"));
    // A stop does not wait for it, and what has no answer is read again.
    await node.end("SIGTERM");
    expect(node.alerts).toHaveLength(1);
    node.run();
    await broker.run();
    await until(() => node.alerts.length === 2);
    await node.end("SIGTERM");
    expect(node.alerts.map(({ terms }) => terms)).toEqual([termsOf(1), termsOf(2)]);
  });
});
