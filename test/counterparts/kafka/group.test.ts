import { setTimeout as sleep } from "node:timers/promises";
import { Consumer, ListOffsetTimestamps } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { Partitions } from "../../../plugins/sources/kafka/partitions.ts";
import { systemClock } from "../../../src/clock.ts";
import { logRecorder } from "../../../src/testing/log.ts";
import { Broker, hasKafka } from "./broker.ts";

describe.skipIf(!hasKafka)("a member of a group", () => {
  it("does not set back what the new owner of a partition has committed, before it notices the rebalance", async () => {
    const broker = await Broker.start();
    await broker.createTopic("moved", 2);
    const join = async () => {
      const own = { clientId: "test", bootstrapBrokers: [broker.address], groupId: "moved", heartbeatInterval: 500 };
      const consumer = new Consumer<Buffer, Buffer, Buffer, Buffer>({ ...own, autocommit: false });
      consumer.topics.trackAll("moved");
      await consumer.joinGroup({});
      return consumer;
    };
    const first = await join();
    const context = { config: { start: "earliest" }, log: logRecorder(), clock: systemClock };
    const own = { positions: new Map(), toCommit: new Map() };
    const partitions = new Partitions(first, context as never, own, ListOffsetTimestamps);
    for await (const { settled } of partitions.assign()) settled?.("committed");
    const before = first.generationId;
    const second = await join();
    while (first.generationId === before || !first.isActive()) await sleep(50);
    const [moved] = second.assignments!.flatMap((each) => each.partitions);
    await second.commit({ offsets: [{ topic: "moved", partition: moved!, offset: 5n, leaderEpoch: -1 }] });
    await partitions.commit();
    const topics = [{ topic: "moved", partitions: [moved!] }];
    expect((await second.listCommittedOffsets({ topics })).get("moved")![moved!]).toBe(5n);
    for await (const { settled } of partitions.assign()) settled?.("committed");
    await partitions.commit();
    expect((await second.listCommittedOffsets({ topics })).get("moved")![moved!]).toBe(5n);
    for (const consumer of [first, second]) await consumer.close(true);
  }, 120_000);
});
