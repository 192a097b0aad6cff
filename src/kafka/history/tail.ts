import type * as Kafka from "@platformatic/kafka";
import { backoff } from "../../backoff.ts";
import { importPackage } from "../../plugin-modules/package.ts";
import type { HistoryHost } from "../../shared-history/waiting.ts";
import { clientOptions } from "../client.ts";
import { limitDecompression } from "../decompression.ts";
import { kafkaErrors, kafkaWords } from "../words.ts";
import { type KafkaHistoryConfig, optionsAt } from "./options.ts";

type Consumer = Kafka.Consumer<Buffer, Buffer, Buffer, Buffer>;
type Batch = NonNullable<
  Awaited<ReturnType<Consumer["fetch"]>>["responses"][number]["partitions"][number]["records"]
>[number];

export interface Follower {
  /** Takes the next record, which may have no value. `now`: its time in milliseconds since 1970. */
  take(value: Buffer | null | undefined, now: number): void;
  /** What was taken does not count any more: everything comes again, from the beginning of the topic. */
  reset(): void;
}

interface Waiting {
  readonly offset: bigint;
  resolve(): void;
  reject(error: Error): void;
}

/** How long to wait without progress, in milliseconds. */
const patience = 10_000;
const waits = { initial: 100, max: 5_000 };
/** How much to fetch at a time, in bytes, and how long a broker may wait for it, in milliseconds. */
const limits = { maxBytes: 4 * 1024 * 1024, partitionMaxBytes: 4 * 1024 * 1024, maxWaitTime: 1_000, minBytes: 1 };
/** Bits of a batch's attributes: https://kafka.apache.org/documentation/#recordbatch */
const logAppendTime = 1 << 3;
const control = 1 << 5;

/** Reads a topic of one partition from its beginning, and follows what is written to it, outside of any consumer group. */
export class Tail {
  readonly #config: KafkaHistoryConfig;
  readonly #host: HistoryHost;
  readonly #follower: Follower;
  /** The offset of the next record; `undefined` until the topic is known. */
  #next: bigint | undefined;
  #topicId = "";
  #waiting: Waiting[] = [];
  #trouble: string | undefined;

  constructor(config: KafkaHistoryConfig, host: HistoryHost, follower: Follower) {
    this.#config = config;
    this.#host = host;
    this.#follower = follower;
  }

  /** Why the last attempt to read failed, if none has succeeded since. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Follows the topic until the signal aborts. Never rejects. */
  async run(): Promise<void> {
    const { signal, clock, log } = this.#host;
    const library = await importPackage<typeof Kafka>("@platformatic/kafka");
    limitDecompression(library);
    for (let failures = 0; !signal.aborted; ) {
      const consumer = this.#open(library);
      const close = () => void consumer.close(true).catch(() => undefined);
      signal.addEventListener("abort", close, { once: true });
      try {
        while (!signal.aborted) {
          await this.#read(consumer, library.ListOffsetTimestamps.EARLIEST);
          [failures, this.#trouble] = [0, undefined];
        }
      } catch (error) {
        // The broker no longer has this offset: records were deleted before they were read.
        if (kafkaErrors(error).includes("OFFSET_OUT_OF_RANGE")) this.#reset();
        this.#trouble = kafkaWords(error, optionsAt);
        if (!signal.aborted) log.debug(`cannot read the history: ${this.#trouble}; trying again`);
        await clock.sleep(backoff(++failures, waits), signal);
      } finally {
        signal.removeEventListener("abort", close);
        close();
      }
    }
    for (const { reject } of this.#waiting.splice(0)) reject(new Error("stopped"));
  }

  /** Resolves when the record at `offset` has been taken. Rejects if the topic is read again from its beginning, or `signal` aborts. */
  async passed(offset: bigint, signal: AbortSignal): Promise<void> {
    if (this.#next !== undefined && this.#next > offset) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { offset, resolve, reject };
    const stop = () => reject(new Error(this.#trouble ?? "the written records did not come back in time"));
    this.#waiting.push(waiting);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", stop);
      this.#waiting = this.#waiting.filter((each) => each !== waiting);
    }
  }

  /** Resolves when everything that is in the topic now has been taken. Rejects if reading makes no progress, or `signal` aborts. */
  async caughtUp(signal: AbortSignal): Promise<void> {
    const library = await importPackage<typeof Kafka>("@platformatic/kafka");
    const consumer = this.#open(library);
    let end: bigint;
    try {
      end = await this.#offset(consumer, library.ListOffsetTimestamps.LATEST);
    } finally {
      void consumer.close(true).catch(() => undefined);
    }
    for (let before: bigint | undefined; ; before = this.#next) {
      const isLate = AbortSignal.timeout(patience);
      try {
        return await this.passed(end - 1n, AbortSignal.any([signal, isLate]));
      } catch (error) {
        // There can be much to read: go on while there is progress.
        if (signal.aborted || this.#next === undefined || this.#next === before) throw error;
      }
    }
  }

  #open({ Consumer, FetchIsolationLevels }: typeof Kafka): Consumer {
    const consumer = new Consumer<Buffer, Buffer, Buffer, Buffer>({
      ...clientOptions(this.#config, "weir-history", optionsAt),
      groupId: "weir-history",
      autocommit: false,
      isolationLevel: FetchIsolationLevels.READ_UNCOMMITTED,
      retries: 0,
      metadataMaxAge: 30_000,
    });
    consumer.on("error", () => undefined);
    return consumer;
  }

  async #read(consumer: Consumer, earliest: bigint): Promise<void> {
    const { topic } = this.#config;
    const { topics } = await consumer.metadata({ topics: [topic], autocreateTopics: false });
    const { id: topicId, partitions } = topics.get(topic)!;
    if (topicId !== this.#topicId) {
      this.#reset();
      this.#topicId = topicId;
    }
    if (this.#next === undefined) this.#goTo(await this.#offset(consumer, earliest));
    const wanted = { partition: 0, fetchOffset: this.#next!, currentLeaderEpoch: -1, lastFetchedEpoch: -1 };
    const { responses } = await consumer.fetch({
      ...limits,
      node: partitions[0]!.leader,
      topics: [{ topicId, partitions: [{ ...wanted, partitionMaxBytes: limits.partitionMaxBytes }] }],
    });
    for (const { partitions: read } of responses)
      for (const { records } of read) for (const batch of records ?? []) this.#take(batch);
  }

  #take({ firstOffset, lastOffsetDelta, attributes, firstTimestamp, maxTimestamp, records }: Batch): void {
    for (const { offsetDelta, timestampDelta, value } of attributes & control ? [] : records) {
      // A broker sends whole batches, also those that begin before the offset that was asked for.
      if (firstOffset + BigInt(offsetDelta) < this.#next!) continue;
      const time = Number(attributes & logAppendTime ? maxTimestamp : firstTimestamp + timestampDelta);
      // A record from before the topic had times of the brokers may be from a writer whose clock was ahead.
      this.#follower.take(value, attributes & logAppendTime ? time : Math.min(time, this.#host.clock.now()));
    }
    const after = firstOffset + BigInt(lastOffsetDelta) + 1n;
    if (after > this.#next!) this.#goTo(after);
  }

  #goTo(next: bigint): void {
    this.#next = next;
    for (const { offset, resolve } of this.#waiting) if (offset < next) resolve();
  }

  #reset(): void {
    this.#next = undefined;
    this.#follower.reset();
    for (const { reject } of this.#waiting) reject(new Error("the topic is read again from its beginning"));
  }

  async #offset(consumer: Consumer, timestamp: bigint): Promise<bigint> {
    const { topic } = this.#config;
    const offsets = await consumer.listOffsets({ topics: [topic], partitions: { [topic]: [0] }, timestamp });
    return offsets.get(topic)![0]!;
  }
}
