import type * as Kafka from "@platformatic/kafka";
import type { Reading, SourceContext } from "weir";
import { isTooMuch, kafkaErrors, kafkaWords } from "weir/kafka";
import type { Assigned } from "./member.ts";
import type { ReadConfig } from "./options.ts";
import { type Position, resume, streamOf, within } from "./position.ts";
import { type Batch, chunksOf } from "./records.ts";

type Consumer = Kafka.Consumer<Buffer, Buffer, Buffer, Buffer>;
type Response = Awaited<ReturnType<Consumer["fetch"]>>;

/** A partition that is assigned to this member. */
interface Held {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string;
  /** The offset of the next record. */
  next: bigint;
}

interface Answer {
  readonly node: number;
  /** The offsets that were asked for, by stream. */
  readonly asked: ReadonlyMap<string, bigint>;
  readonly response?: Response;
  readonly error?: unknown;
}

/** How much to ask a broker for at a time, in bytes, and how long it may wait for data, in milliseconds. */
const limits = { maxBytes: 4 * 1024 * 1024, partitionMaxBytes: 1024 * 1024, maxWaitTime: 1_000 };
/** The same after an answer in which there was too much: a broker sends at least one batch. */
const few = { ...limits, maxBytes: 1, partitionMaxBytes: 1 };
/** How many answers to ask for so few in. */
const fewAnswers = 20;
const nothing = new Uint8Array(0);

const skipWords =
  "a single batch is like that, and holds up all others. To go on behind it, stop weir, and set the offset of the group there (kafka-consumer-groups.sh --reset-offsets)";

/** The partitions of a member: where each is, what the brokers have of it, and what is committed. */
export class Partitions {
  readonly #consumer: Consumer;
  readonly #context: SourceContext<ReadConfig>;
  /** How far everything has been read in this process, and before it. It outlives a membership. */
  readonly #positions: Map<string, Position>;
  /** What is committed to the data dir but not yet to the group. It is also kept when the collector joins again. */
  readonly #toCommit: Map<string, Position>;
  readonly #timestamps: typeof Kafka.ListOffsetTimestamps;
  #held = new Map<string, Held>();
  readonly #underWay = new Map<number, Promise<Answer>>();
  #unsettled = 0;
  /** The generation of the group that `#held` belongs to. */
  #generation = -1;
  /** How many answers with few records are to come. */
  #few = 0;
  hasRead = false;

  constructor(
    consumer: Consumer,
    context: SourceContext<ReadConfig>,
    { positions, toCommit }: Record<"positions" | "toCommit", Map<string, Position>>,
    timestamps: typeof Kafka.ListOffsetTimestamps,
  ) {
    this.#consumer = consumer;
    this.#context = context;
    this.#positions = positions;
    this.#toCommit = toCommit;
    this.#timestamps = timestamps;
  }

  /** Takes over the partitions that the group has assigned. Its readings announce where each one begins. */
  async *assign({ generation, partitions: assigned }: Assigned): AsyncGenerator<Reading> {
    this.#generation = generation;
    const { log } = this.#context;
    const topics = assigned.map(({ topic }) => topic);
    const committed =
      topics.length > 0 ? await this.#consumer.listCommittedOffsets({ topics: [...assigned] }) : new Map();
    const found = topics.length > 0 ? (await this.#consumer.metadata({ topics })).topics : new Map();
    const before = this.#held;
    this.#held = new Map();
    for (const { topic, partitions } of assigned)
      for (const partition of partitions) {
        const stream = streamOf(topic, partition);
        const topicId = found.get(topic)!.id;
        const ofGroup = committed.get(topic)?.[partition];
        const next = resume(topicId, this.#positions.get(stream), ofGroup);
        if (resume(topicId, this.#toCommit.get(stream)) === undefined || this.#toCommit.get(stream)!.next <= ofGroup)
          this.#toCommit.delete(stream);
        const held = { topic, partition, topicId, next: next ?? (await this.#begin(topic, partition)) };
        this.#held.set(stream, held);
        if (before.get(stream)?.topicId !== topicId) yield this.#reading(held, held.next, []);
      }
    log.info(`the group assigned ${this.#held.size === 1 ? "1 partition" : `${this.#held.size} partitions`}`, {
      partitions: [...this.#held.keys()].slice(0, 50),
    });
  }

  /** Asks every broker, and passes on what the first one answers. `changed`: when not to wait any longer. */
  async *fetch(changed: Promise<void>): AsyncGenerator<Reading> {
    const { signal, clock } = this.#context;
    if (this.#held.size === 0) return void (await Promise.race([changed, clock.sleep(1_000, signal)]));
    await this.#ask();
    const over = new AbortController();
    const stopped = Promise.race([changed, clock.sleep(60_000, AbortSignal.any([signal, over.signal]))]);
    const answer = await Promise.race([...this.#underWay.values(), stopped]);
    over.abort();
    if (!answer) return;
    this.#underWay.delete(answer.node);
    if (answer.error !== undefined) return void (await this.#recover(answer));
    this.hasRead = true;
    if (this.#few > 0) this.#few--;
    const names = new Map([...this.#held.values()].map(({ topicId, topic }) => [topicId, topic]));
    for (const { topicId, partitions } of answer.response!.responses)
      for (const { partitionIndex: partition, records, abortedTransactions } of partitions) {
        const topic = names.get(topicId);
        if (topic === undefined || !records) continue;
        const stream = streamOf(topic, partition);
        const fetched = { topic, partition, batches: records as readonly Batch[], aborted: abortedTransactions ?? [] };
        for (const { parts, next } of chunksOf(fetched, answer.asked.get(stream) ?? 0n)) {
          const held = this.#held.get(stream);
          // It may have been assigned to another member, or anew, since it was asked for.
          if (held?.topicId !== topicId || held.next > BigInt(parts[0]?.position ?? held.next) || next <= held.next)
            break;
          yield this.#reading(held, next, parts);
        }
      }
  }

  /**
   * Commits to the group what is committed in the data dir, of the partitions that are still assigned. A broker does not check whose a
   * partition is: after a rebalance that `assign` has not seen, this would set back what the new owner has committed.
   */
  async commit(): Promise<void> {
    if (this.#consumer.generationId !== this.#generation) return;
    const offsets = [...this.#toCommit].flatMap(([stream, { next: offset }]) => {
      const held = this.#held.get(stream);
      return held ? { topic: held.topic, partition: held.partition, offset, leaderEpoch: -1 } : [];
    });
    if (offsets.length === 0 || !this.#consumer.isActive()) return;
    await this.#consumer.commit({ offsets });
    for (const { topic, partition, offset } of offsets) {
      const stream = streamOf(topic, partition);
      if (this.#toCommit.get(stream)?.next === offset) this.#toCommit.delete(stream);
    }
  }

  /** Resolves when everything that was read is committed, or after `limit` milliseconds. */
  async settled(limit: number): Promise<void> {
    const { clock } = this.#context;
    const ends = clock.monotonic() + limit;
    while (this.#unsettled > 0 && clock.monotonic() < ends) await clock.sleep(20, new AbortController().signal);
  }

  #reading(held: Held, next: bigint, parts: NonNullable<Reading["parts"]>): Reading {
    const stream = streamOf(held.topic, held.partition);
    held.next = next;
    this.#positions.set(stream, { topicId: held.topicId, next });
    this.#unsettled++;
    return {
      stream,
      position: Number(next),
      bytes: nothing,
      parts,
      detail: { topic_id: held.topicId },
      settled: (outcome) => {
        this.#unsettled--;
        if (outcome === "committed") this.#toCommit.set(stream, { topicId: held.topicId, next });
      },
    };
  }

  /** Sends a request to each broker that leads one of the partitions and has none. */
  async #ask(): Promise<void> {
    const topics = [...new Set([...this.#held.values()].map(({ topic }) => topic))];
    const known = await this.#consumer.metadata({ topics });
    const byNode = Map.groupBy(
      this.#held.values(),
      ({ topic, partition }) => known.topics.get(topic)?.partitions[partition]?.leader ?? -1,
    );
    for (const [node, held] of byNode)
      if (node >= 0 && !this.#underWay.has(node)) this.#underWay.set(node, this.#askOne(node, held));
  }

  async #askOne(node: number, all: readonly Held[]): Promise<Answer> {
    const asked = new Map(all.map(({ topic, partition, next }) => [streamOf(topic, partition), next]));
    const { maxBytes, partitionMaxBytes, maxWaitTime } = this.#few > 0 ? few : limits;
    const topics = [...Map.groupBy(all, ({ topicId }) => topicId)].map(([topicId, held]) => ({
      topicId,
      partitions: held.map(({ partition, next }) => ({
        partition,
        fetchOffset: next,
        partitionMaxBytes,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
      })),
    }));
    try {
      return {
        node,
        asked,
        response: await this.#consumer.fetch({ node, topics, maxBytes, maxWaitTime, minBytes: 1 }),
      };
    } catch (error) {
      return { node, asked, error };
    }
  }

  /** Goes to where the broker has records, if it had none at the offset that was asked for; throws the error otherwise. */
  async #recover({ error, asked }: Answer): Promise<void> {
    if (isTooMuch(error) && this.#few === 0) {
      this.#few = fewAnswers;
      return;
    }
    if (isTooMuch(error)) throw new Error(`${kafkaWords(error)}; ${skipWords}`);
    if (!kafkaErrors(error).includes("OFFSET_OUT_OF_RANGE")) throw error;
    for (const [stream, from] of asked) {
      const held = this.#held.get(stream);
      if (held?.next !== from) continue;
      const { topic, partition } = held;
      const first = await this.#offset(topic, partition, this.#timestamps.EARLIEST);
      const end = await this.#offset(topic, partition, this.#timestamps.LATEST);
      held.next = within(from, first, end);
      if (held.next > from)
        this.#context.log.warn(`${stream}: Kafka deleted ${held.next - from} offsets before weir read them`);
      if (held.next < from)
        this.#context.log.warn(
          `${stream}: the broker has lost the offsets from ${end} on; continuing at the end of the partition`,
        );
    }
  }

  #begin(topic: string, partition: number): Promise<bigint> {
    const { start } = this.#context.config;
    return this.#offset(topic, partition, this.#timestamps[start === "earliest" ? "EARLIEST" : "LATEST"]);
  }

  async #offset(topic: string, partition: number, timestamp: bigint): Promise<bigint> {
    const offsets = await this.#consumer.listOffsets({
      topics: [topic],
      partitions: { [topic]: [partition] },
      timestamp,
    });
    return offsets.get(topic)![partition]!;
  }
}
