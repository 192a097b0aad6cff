import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { SharedHistory } from "weir/detection";
import { systemClock } from "../../../src/clock.ts";
import { encodeChange } from "../../../src/kafka/history/change.ts";
import { KafkaHistory } from "../../../src/kafka/history/history.ts";
import { Collector } from "../../histories/collector.ts";
import { steps, testHistory } from "../../histories/conformance.ts";
import { Broker, hasKafka } from "./broker.ts";

const log: string[] = [];
const note = (text: string) => void log.push(text);
const host = { clock: systemClock, log: { debug: note, info: note, warn: note, error: note } };

interface Place {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly disorder: number;
}

/** A history of one weir. Every few calls it begins again, as in another process: it reads what there is. */
class Weir implements SharedHistory {
  readonly #config: ConstructorParameters<typeof KafkaHistory>[0];
  #calls = 0;
  #stop = new AbortController();
  #history: KafkaHistory | undefined;

  constructor(place: Place, more: object = {}) {
    this.#config = { tls: {}, max_size: 1_000_000, ...place, ...more };
  }

  async open(): Promise<KafkaHistory> {
    this.close();
    this.#stop = new AbortController();
    this.#history = new KafkaHistory(this.#config, { ...host, signal: this.#stop.signal });
    await this.#history.prepare();
    return this.#history;
  }

  async observe(asks: Parameters<SharedHistory["observe"]>[0], signal: AbortSignal) {
    const history = this.#calls++ % 10 === 0 || !this.#history ? await this.open() : this.#history;
    return history.observe(asks, signal);
  }

  close(): void {
    this.#stop.abort();
  }
}

describe.skipIf(!hasKafka)("a history in Kafka", () => {
  let broker: Broker;
  let runs = 0;
  beforeAll(async () => {
    broker = await Broker.start();
  }, 180_000);

  const place = (disorder: number): Place => ({ brokers: [broker.address], topic: `run-${runs++}`, disorder });
  const folderOf = () => mkdtempSync(join(tmpdir(), "weir-history-"));
  const drop = (folder: string) => rmSync(folder, { recursive: true, force: true });

  it("tells of terms what one on disk tells, also when they were last seen", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const folder = folderOf();
        const weir = new Weir(place(0));
        const here = new Collector(join(folder, "here.db"));
        const there = new Collector(join(folder, "there.db"), weir);
        for (const [index, { crashes, at, user, ips }] of all.entries()) {
          const seen = { id: `event ${index}`, at, user, ips };
          expect((await there.handle(seen, crashes)).sent).toEqual((await here.handle(seen)).sent);
        }
        for (const collector of [here, there]) collector.close();
        weir.close();
        drop(folder);
      }),
      { numRuns: process.env["WEIR_LONG"] ? 200 : 8 },
    );
  });

  describe.each([
    { collectors: 1, disorder: 0 },
    { collectors: 3, disorder: 0 },
    { collectors: 3, disorder: 300, step: 300 },
  ])("of $collectors, with a disorder of $disorder ms", ({ collectors, disorder, ...more }) => {
    testHistory({
      collectors,
      disorder,
      ...more,
      open: async () => {
        const folder = folderOf();
        const own = place(disorder);
        const weirs = Array.from({ length: collectors }, () => new Weir(own));
        return {
          collectors: weirs.map((weir, index) => new Collector(join(folder, `${index}.db`), weir)),
          close: async () => {
            for (const weir of weirs) weir.close();
            drop(folder);
          },
        };
      },
    });
  });

  const ask = (key: string, at = 1, more: object = {}) => ({
    owner: ["c", "r"],
    once: `once ${key} ${at}`,
    keys: [key],
    at,
    window: 1_000,
    lateness: 0,
    ...more,
  });
  const never = new AbortController().signal;
  const isNew = async (history: SharedHistory, ...asks: ReturnType<typeof ask>[]) =>
    (await history.observe(asks, never)).map(([seen]) => seen!.isNew);

  it("is a topic of one partition that keeps the last record of a key, and what it lacks is said", async () => {
    const own = place(0);
    const weir = new Weir(own);
    const history = await weir.open();
    expect(await isNew(history, ask("a"), ask("b"), ask("a", 2))).toEqual([true, true, false]);
    const settings = await broker.admin((admin) =>
      admin.describeConfigs({ resources: [{ resourceType: 2, resourceName: own.topic }] }),
    );
    const found = new Map(settings[0]!.configs.map(({ name, value }) => [name, value]));
    expect(found.get("cleanup.policy")).toBe("compact,delete");
    await expect(isNew(history, ask("c", 1, { lateness: 50 * 24 * 3_600_000 }))).rejects.toThrow(
      "keeps records for only 45 days, but the history needs 51 days: raise its retention.ms",
    );
    weir.close();
    await broker.createTopic("wide", 3);
    const wide = new Weir({ ...own, topic: "wide" });
    void wide.open();
    await expect
      .poll(() => log.join("\n"))
      .toContain("it has 3 partitions, but must have one; weir retries, and reads no events");
    wide.close();
    await broker.createTopic("for-ever", 1, { "cleanup.policy": "compact" });
    const endless = new Weir({ ...own, topic: "for-ever" });
    await endless.open();
    expect(log.join("\n")).toContain('grows without end (cleanup.policy is "compact"');
    endless.close();
    await broker.createTopic("by-writers", 1, { "retention.bytes": "1000000" });
    const flawed = new Weir({ ...own, topic: "by-writers" });
    await flawed.open();
    expect(log.join("\n")).toMatch(/keeps the timestamps of its writers[\s\S]*is limited to 1000000 bytes/);
    flawed.close();
  });

  it("does not grow beyond its size, and says so", async () => {
    const weir = new Weir(place(0), { max_size: 100 });
    const history = await weir.open();
    expect(await isNew(history, ask("x".repeat(64)))).toEqual([true]);
    await expect(isNew(history, ask("b"))).rejects.toThrow('raise "state.max_size"');
    expect(await isNew(history, ask("x".repeat(64), 2))).toEqual([false]);
    weir.close();
  });

  it("has room again when what it remembers has expired, also if nobody could write meanwhile", async () => {
    const own = place(0);
    await broker.createTopic(own.topic, 1);
    const long = Date.now() - 3 * 24 * 3_600_000;
    const of = { owner: "c/r", keys: ["x".repeat(200)], window: 1_000, lateness: 0 };
    const value = encodeChange({ ...of, once: "once x", at: long, disorder: 0 });
    const { Producer } = await import("@platformatic/kafka");
    const producer = new Producer<Buffer, Buffer>({ clientId: "test", bootstrapBrokers: [broker.address] });
    const timestamp = BigInt(long);
    await producer.send({ messages: [{ topic: own.topic, key: Buffer.from("k"), value, timestamp }] } as never);
    await producer.close(true);
    const weir = new Weir(own, { max_size: 100 });
    expect(await isNew(await weir.open(), ask("b"))).toEqual([true]);
    weir.close();
  });

  it("passes over what others have written to its topic, and says so", async () => {
    const own = place(0);
    const [one, two] = [new Weir(own), new Weir(own)];
    const history = await one.open();
    await isNew(history, ask("a"));
    const { Producer } = await import("@platformatic/kafka");
    const producer = new Producer({ clientId: "test", bootstrapBrokers: [broker.address] });
    for (const value of ["no JSON", '{"v":2}'])
      await producer.send({
        messages: [{ topic: own.topic, key: Buffer.from("k"), value: Buffer.from(value) }],
      } as never);
    await producer.close(true);
    expect(await isNew(await two.open(), ask("a", 2), ask("b"))).toEqual([false, true]);
    expect(log.join("\n")).toContain("that this version of weir does not understand");
    for (const weir of [one, two]) weir.close();
  });

  it("is read again from the beginning if its topic was made anew", async () => {
    const own = place(0);
    const weir = new Weir(own);
    const history = await weir.open();
    expect(await isNew(history, ask("a"))).toEqual([true]);
    await broker.admin((admin) => admin.deleteTopics({ topics: [own.topic] }));
    await broker.createTopic(own.topic, 1);
    // What it still knows of the old topic it may write to the new one. What another has written there is news to it.
    const other = new Weir(own);
    expect(await isNew(await other.open(), ask("b"))).toEqual([true]);
    let answer: readonly boolean[] = [];
    for (let tries = 0; tries < 100 && answer.length === 0; tries++) {
      await sleep(100);
      answer = await isNew(history, ask("b", 3)).catch(() => []);
    }
    expect(answer).toEqual([false]);
    other.close();
    weir.close();
  }, 120_000);
});
