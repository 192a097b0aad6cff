import { Consumer, FetchIsolationLevels } from "@platformatic/kafka";
import type { Broker } from "./broker.ts";

/** A record as a consumer of another program sees it. */
export interface Read {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | undefined;
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: { readonly n: number; readonly host?: string };
}

/** Everything that is in a topic, each partition in order. */
export const readTopic = async ({ address }: Broker, topic: string): Promise<readonly Read[]> => {
  const consumer = new Consumer({ clientId: "test", groupId: `read-${topic}`, bootstrapBrokers: [address] });
  try {
    const ends = (await consumer.listOffsets({ topics: [topic] })).get(topic)!;
    const { id: topicId, partitions } = (await consumer.metadata({ topics: [topic] })).topics.get(topic)!;
    consumer.topics.trackAll(topic);
    const found: Read[] = [];
    for (const [partition, end] of ends.entries())
      for (let next = 0n; next < end; ) {
        const wanted = {
          partition,
          fetchOffset: next,
          partitionMaxBytes: 8_000_000,
          currentLeaderEpoch: -1,
          lastFetchedEpoch: -1,
        };
        const { responses } = await consumer.fetch({
          node: partitions[partition]!.leader,
          topics: [{ topicId, partitions: [wanted] }],
          maxWaitTime: 500,
          minBytes: 1,
          maxBytes: 8_000_000,
          isolationLevel: FetchIsolationLevels.READ_COMMITTED,
        });
        const batches = responses.flatMap((one) => one.partitions).flatMap(({ records }) => records ?? []);
        for (const { firstOffset, lastOffsetDelta, records } of batches) {
          for (const { offsetDelta, key, value, headers } of records) {
            const offset = firstOffset + BigInt(offsetDelta);
            if (offset < next) continue;
            const texts = Object.fromEntries([...headers].map(([name, text]) => [String(name), String(text)]));
            const known = { partition, offset: Number(offset), key: key?.toString(), headers: texts };
            found.push({ ...known, id: texts["weir-event-id"]!, value: JSON.parse(value!.toString()) });
          }
          next = firstOffset + BigInt(lastOffsetDelta) + 1n;
        }
      }
    return found;
  } finally {
    await consumer.close(true);
  }
};

/** How many records a group has committed. */
export const committedTo = async (broker: Broker, group: string): Promise<number> => {
  const committed = await broker.admin((admin) => admin.listConsumerGroupOffsets({ groups: [group] }));
  const all = committed.flatMap(({ topics }) => topics).flatMap(({ partitions }) => partitions);
  return all.reduce((sum, { committedOffset }) => sum + Math.max(0, Number(committedOffset)), 0);
};
