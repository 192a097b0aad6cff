import { setTimeout as sleep } from "node:timers/promises";
import { Producer } from "@platformatic/kafka";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeChange } from "../../../src/kafka/history/change.ts";
import { Broker, hasKafka } from "./broker.ts";
import { ask, isNew, log, type Place, Weir } from "./history-of-weir.ts";

const day = 24 * 3_600_000;
const appended = { "message.timestamp.type": "LogAppendTime" };
/** Also with times that are far away. */
const written = { "message.timestamp.type": "CreateTime", "message.timestamp.after.max.ms": String(1_000 * day) };

describe.skipIf(!hasKafka)("the topic of a history in Kafka", () => {
  let broker: Broker;
  let runs = 0;
  beforeAll(async () => {
    broker = await Broker.start();
  }, 180_000);

  const place = (): Place => ({ brokers: [broker.address], topic: `topic-${runs++}`, disorder: 0 });
  const said = (text: string) => expect.poll(() => log.join("\n"), { timeout: 30_000 }).toContain(text);
  /** Writes a record with a time of its writer. */
  const write = async (topic: string, timestamp: number, value?: Buffer): Promise<void> => {
    const producer = new Producer<Buffer, Buffer>({ clientId: "test", bootstrapBrokers: [broker.address] });
    const message = { topic, key: Buffer.from("k"), ...(value && { value }), timestamp: BigInt(timestamp) };
    await producer.send({ messages: [message] } as never);
    await producer.close(true);
  };

  it("is a topic of one partition that keeps the last record of a key, and what it lacks is said", async () => {
    const own = place();
    const weir = new Weir(own);
    const history = await weir.open();
    expect(await isNew(history, ask("a"), ask("b"), ask("a", 2))).toEqual([true, true, false]);
    const settings = await broker.admin((admin) =>
      admin.describeConfigs({ resources: [{ resourceType: 2, resourceName: own.topic }] }),
    );
    const found = new Map(settings[0]!.configs.map(({ name, value }) => [name, value]));
    expect(found.get("cleanup.policy")).toBe("compact,delete");
    weir.close();
    await broker.createTopic("wide", 3);
    const wide = new Weir({ ...own, topic: "wide" });
    void wide.open();
    await expect
      .poll(() => log.join("\n"))
      .toContain("it has 3 partitions, but must have one; weir retries, and reads no events");
    wide.close();
    await broker.createTopic("for-ever", 1, { ...appended, "cleanup.policy": "compact" });
    const endless = new Weir({ ...own, topic: "for-ever" });
    await endless.open();
    expect(log.join("\n")).toContain('grows without end (cleanup.policy is "compact"');
    endless.close();
    await broker.createTopic("limited", 1, { ...appended, "retention.bytes": "1000000" });
    const limited = new Weir({ ...own, topic: "limited" });
    await limited.open();
    expect(log.join("\n")).toContain("is limited to 1000000 bytes");
    limited.close();
  });

  it("must have the times of the brokers, as one wrong clock of a writer would make all forget", async () => {
    const own = place();
    await broker.createTopic(own.topic, 1, written);
    const weir = new Weir(own);
    const opened = weir.open();
    await said('(message.timestamp.type is "CreateTime"): set message.timestamp.type to "LogAppendTime"; weir retries');
    await broker.configure(own.topic, appended);
    const history = await opened;
    expect(await isNew(history, ask("a"))).toEqual([true]);
    // A writer with a wrong clock, and the same as another weir sees it that starts later.
    await broker.configure(own.topic, written);
    await write(own.topic, Date.now() + 500 * day);
    await broker.configure(own.topic, appended);
    expect(await isNew(history, ask("b"), ask("a", 2))).toEqual([true, false]);
    const later = new Weir(own);
    expect(await isNew(await later.open(), ask("b", 2), ask("a", 3), ask("c"))).toEqual([false, false, true]);
    for (const each of [weir, later]) each.close();
  });

  it("must keep records as long as the rules need them, which is looked at before the first event", async () => {
    const own = place();
    await broker.createTopic(own.topic, 1, {
      ...appended,
      "cleanup.policy": "compact,delete",
      "retention.ms": String(day),
    });
    const weir = new Weir(own);
    weir.needs({ window: 5 * day, lateness: 5 * day });
    const opened = weir.open();
    await said("keeps records for only 1 day, but the history needs 10 days: raise its retention.ms; weir retries");
    await broker.configure(own.topic, { "retention.ms": String(11 * day) });
    const history = await opened;
    const late = ask("b", 1, { lateness: 50 * day });
    expect(await isNew(history, ask("a"))).toEqual([true]);
    await expect(isNew(history, late)).rejects.toThrow("keeps records for only 11 days, but the history needs 51 days");
    await broker.configure(own.topic, { "retention.ms": String(60 * day) });
    expect(await isNew(history, late)).toEqual([true]);
    weir.close();
  });

  it("leaves no connections open when it is closed at any moment, as by a reload", async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    const own = place();
    const before = sockets();
    for (let n = 0; n < 30; n++) {
      const weir = new Weir(own);
      const opened = weir.open().then((history) => isNew(history, ask(`key ${n}`)));
      opened.catch(() => undefined);
      await sleep(n * 5);
      weir.close();
    }
    await expect.poll(sockets, { timeout: 30_000 }).toBeLessThanOrEqual(before);
  });

  it("has room again when what it remembers has expired, also if nobody could write meanwhile", async () => {
    const own = place();
    await broker.createTopic(own.topic, 1);
    const long = Date.now() - 3 * 24 * 3_600_000;
    const of = { owner: "c/r", keys: ["x".repeat(200)], window: 1_000, lateness: 0 };
    const value = encodeChange({ ...of, once: "once x", at: long, disorder: 0 });
    await write(own.topic, long, value);
    await broker.configure(own.topic, appended);
    const weir = new Weir(own, { max_size: 100 });
    expect(await isNew(await weir.open(), ask("b"))).toEqual([true]);
    weir.close();
  });

  it("says what to do if its topic is deleted, and is read again from the beginning if that was made anew", async () => {
    const own = place();
    const weir = new Weir(own);
    const history = await weir.open();
    expect(await isNew(history, ask("a"))).toEqual([true]);
    await broker.admin((admin) => admin.deleteTopics({ topics: [own.topic] }));
    await expect(isNew(history, ask("b"))).rejects.toThrow("it has been deleted; restart weir, which creates it");
    // What has an answer passes.
    expect(await isNew(history, ask("a"))).toEqual([true]);
    await broker.createTopic(own.topic, 1, appended);
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
