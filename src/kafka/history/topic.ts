import type * as Kafka from "@platformatic/kafka";
import { importPackage } from "../../plugin-modules/package.ts";
import { clientOptions } from "../client.ts";
import { Producers } from "../producers.ts";
import { isUnknownTopic, kafkaErrors, kafkaWords } from "../words.ts";
import { type KafkaHistoryConfig, optionsAt } from "./options.ts";

/** A record to write. The topic keeps the last one of each key, and one without a value only for a while. */
export interface HistoryRecord {
  readonly key: string;
  readonly value?: Buffer;
}

const day = 24 * 3_600_000;
/** Settings of a topic that weir creates. */
const topicSettings = {
  "cleanup.policy": "compact,delete",
  "retention.ms": String(45 * day),
  // An event that comes again within this time finds everything that decided its answer, even in a new replica.
  "min.compaction.lag.ms": String(day),
  "segment.ms": String(day),
  "message.timestamp.type": "LogAppendTime",
} as const;

/** What to do about a topic that is no longer there. */
const gone =
  "it has been deleted; restart weir, which creates it, or create it yourself. Its history starts from nothing";

/** Time limit of a request to the brokers, in milliseconds. */
const patience = 30_000;
/** The largest request, in bytes. By default, brokers accept a megabyte. */
const requestBytes = 512 * 1024;

/** The topic of a history: creates it, checks its settings, and writes to it. */
export class HistoryTopic {
  /** For messages. */
  readonly name: string;
  readonly #config: KafkaHistoryConfig;
  readonly #producers: Producers;
  #retention = Number.POSITIVE_INFINITY;

  constructor(config: KafkaHistoryConfig) {
    this.#config = config;
    this.name = `the topic "${config.topic}" in Kafka at ${config.brokers[0]}`;
    this.#producers = new Producers({ ...config, compression: "none" }, "weir-history", optionsAt);
  }

  /** How long the topic keeps a record, in milliseconds; infinite if this is unknown. */
  get retention(): number {
    return this.#retention;
  }

  /**
   * Creates it if it does not exist, and checks its settings. Rejects if it cannot hold a history. Resolves to other flaws: what can lose
   * parts of a history, or has no bounds.
   */
  async prepare(signal: AbortSignal): Promise<readonly string[]> {
    const { Admin, ConfigResourceTypes } = await importPackage<typeof Kafka>("@platformatic/kafka");
    const { topic } = this.#config;
    const admin = new Admin({ ...clientOptions(this.#config, "weir-history", optionsAt), retries: 0 });
    try {
      return await this.#within(signal, async () => {
        const partitions = await partitionsOf(admin, topic);
        if (partitions !== 1) throw new Error(`it has ${partitions} partitions, but must have one`);
        const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic };
        const settings = await admin.describeConfigs({ resources: [resource] }).catch((error) => {
          if (kafkaErrors(error).some((name) => name.endsWith("AUTHORIZATION_FAILED"))) return [];
          throw error;
        });
        const found = new Map(
          settings.flatMap(({ configs }) => configs.map(({ name, value }) => [name, value ?? undefined])),
        );
        return this.#flawsIn(found);
      });
    } finally {
      void admin.close().catch(() => undefined);
    }
  }

  /** Writes records in this order, and resolves to the offset of the last one when all in-sync replicas have them. */
  async append(records: readonly HistoryRecord[], signal: AbortSignal): Promise<bigint> {
    const { topic } = this.#config;
    let last = -1n;
    for (let from = 0; from < records.length; ) {
      const some = upTo(requestBytes, records, from);
      const messages = some.map(({ key, value }) => ({
        topic,
        partition: 0,
        key: Buffer.from(key),
        ...(value && { value }),
      }));
      const { offsets } = await this.#within(signal, (either) =>
        this.#producers.with(either, (producer) => producer.send({ messages, autocreateTopics: false })),
      );
      last = offsets![0]!.offset + BigInt(some.length - 1);
      from += some.length;
    }
    return last;
  }

  close(): Promise<void> {
    return this.#producers.close();
  }

  /** Rejects with a sentence without its full stop. */
  async #within<T>(signal: AbortSignal, use: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const either = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => undefined);
    const end = () => ended.reject(new Error(signal.aborted ? "stopped" : "no broker answered in time"));
    either.addEventListener("abort", end, { once: true });
    try {
      if (either.aborted) end();
      return await Promise.race([use(either), ended.promise]);
    } catch (error) {
      const words = isUnknownTopic(error) ? gone : kafkaWords(error, optionsAt);
      throw new Error(`${this.name} cannot be used: ${words}`, { cause: error });
    } finally {
      either.removeEventListener("abort", end);
    }
  }

  #flawsIn(settings: ReadonlyMap<string, string | undefined>): readonly string[] {
    const kept = Number(settings.get("retention.ms") ?? -1);
    const policy = settings.get("cleanup.policy");
    const isDeleted = (policy ?? "").includes("delete");
    this.#retention = isDeleted && kept >= 0 ? kept : Number.POSITIVE_INFINITY;
    const times = settings.get("message.timestamp.type");
    if (times !== undefined && times !== "LogAppendTime")
      throw new Error(
        `it keeps the timestamps of its writers, of which each may have a wrong clock (message.timestamp.type is "${times}"): set message.timestamp.type to "LogAppendTime"`,
      );
    const bytes = settings.get("retention.bytes") ?? "-1";
    return [
      ...(policy !== undefined && this.#retention === Number.POSITIVE_INFINITY
        ? [
            `grows without end (cleanup.policy is "${policy}", retention.ms is ${kept}): set cleanup.policy to "compact,delete", and retention.ms`,
          ]
        : []),
      ...(isDeleted && bytes !== "-1"
        ? [`is limited to ${bytes} bytes (retention.bytes): what it deletes counts as new again`]
        : []),
    ];
  }
}

/** The number of partitions of the topic. Creates it if it does not exist. */
const partitionsOf = async (admin: Kafka.Admin, topic: string): Promise<number> => {
  const look = async () => {
    const { topics } = await admin.metadata({ topics: [topic], autocreateTopics: false, forceUpdate: true });
    return topics.get(topic)!.partitionsCount;
  };
  const all = await admin.listTopics();
  if (all.includes(topic)) return look();
  const configs = Object.entries(topicSettings).map(([name, value]) => ({ name, value }));
  try {
    // The brokers' default replication factor.
    await admin.createTopics({ topics: [topic], partitions: 1, replicas: -1, configs });
  } catch (error) {
    // Another weir may have been faster.
    if (!kafkaErrors(error).includes("TOPIC_ALREADY_EXISTS")) throw error;
  }
  return look();
};

const upTo = (most: number, records: readonly HistoryRecord[], from: number): readonly HistoryRecord[] => {
  let total = 0;
  const over = records.findIndex(({ key, value }, index) => {
    if (index < from) return false;
    // With what the protocol adds to a record, at most.
    total += key.length + (value?.length ?? 0) + 32;
    return index > from && total > most;
  });
  return records.slice(from, over < 0 ? undefined : over);
};
