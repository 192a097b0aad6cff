import { setTimeout as sleep } from "node:timers/promises";
import { Consumer, ListOffsetTimestamps } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import type { Assigned } from "../../../plugins/sources/kafka/member.ts";
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
      const found: { consumer: typeof consumer; assigned: Assigned } = {
        consumer,
        assigned: { generation: -1, partitions: [] },
      };
      consumer.on("consumer:group:join", ({ generationId, assignments }) => {
        found.assigned = { generation: generationId!, partitions: assignments! };
      });
      consumer.topics.trackAll("moved");
      await consumer.joinGroup({});
      return found;
    };
    const member = await join();
    const { consumer: first, assigned: before } = member;
    const context = { config: { start: "earliest" }, log: logRecorder(), clock: systemClock };
    const own = { positions: new Map(), toCommit: new Map() };
    const partitions = new Partitions(first, context as never, own, ListOffsetTimestamps);
    const assign = async (assigned: Assigned) => {
      for await (const { settled } of partitions.assign(assigned)) settled?.("committed");
    };
    await assign(before);
    const { consumer: second } = await join();
    while (member.assigned === before || !first.isActive()) await sleep(50);
    const [moved] = second.assignments!.flatMap((each) => each.partitions);
    await second.commit({ offsets: [{ topic: "moved", partition: moved!, offset: 5n, leaderEpoch: -1 }] });
    await partitions.commit();
    // The same if it joins again while it takes over what an earlier generation has assigned.
    await assign(before);
    await partitions.commit();
    const topics = [{ topic: "moved", partitions: [moved!] }];
    expect((await second.listCommittedOffsets({ topics })).get("moved")![moved!]).toBe(5n);
    await assign(member.assigned);
    await partitions.commit();
    expect((await second.listCommittedOffsets({ topics })).get("moved")![moved!]).toBe(5n);
    for (const consumer of [first, second]) await consumer.close(true);
  }, 120_000);
});
