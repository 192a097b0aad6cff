import type * as Kafka from "@platformatic/kafka";
import type { SourceContext } from "weir";
import { kafkaErrors } from "weir/kafka";
import { hasWildcards, type ReadConfig, topicMatcher } from "./options.ts";

type Consumer = Pick<Kafka.Consumer<Buffer, Buffer, Buffer, Buffer>, "metadata">;

/**
 * Finds the topics to read, each with its number of partitions. A missing topic does not stop the others from being read: this is
 * logged once, and again when the topic exists. What was logged is kept when the collector joins the group again.
 */
export class Topics {
  readonly #context: SourceContext<ReadConfig>;
  #missing: ReadonlySet<string> = new Set();

  constructor(context: SourceContext<ReadConfig>) {
    this.#context = context;
  }

  /** Rejects if the brokers do not answer, or refuse. */
  async find(consumer: Consumer, admin: Pick<Kafka.Admin, "listTopics">): Promise<ReadonlyMap<string, number>> {
    const { topics } = this.#context.config;
    const named = topics.filter((topic) => !hasWildcards(topic));
    const matched = topics.some(hasWildcards) ? (await admin.listTopics()).filter(topicMatcher(topics)) : [];
    const found = await this.#existing(consumer, [...new Set([...named, ...matched])]);
    this.#say(named.filter((topic) => !found.has(topic)));
    return found;
  }

  async #existing(consumer: Consumer, wanted: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (wanted.length === 0) return new Map();
    try {
      const found = await consumer.metadata({ topics: [...wanted], forceUpdate: true });
      return new Map([...found.topics].map(([name, { partitionsCount }]) => [name, partitionsCount]));
    } catch (error) {
      if (!isUnknownTopic(error)) throw error;
      if (wanted.length === 1) return new Map();
      // The package returns topics only if all of them exist.
      const found = new Map<string, number>();
      for (const topic of wanted)
        for (const [name, count] of await this.#existing(consumer, [topic])) found.set(name, count);
      return found;
    }
  }

  #say(missing: readonly string[]): void {
    const { log } = this.#context;
    for (const topic of missing)
      if (!this.#missing.has(topic))
        log.warn(`the topic "${topic}" does not exist; weir checks every 30 seconds, and reads it once it exists`, {
          topic,
        });
    for (const topic of this.#missing)
      if (!missing.includes(topic)) log.info(`the topic "${topic}" now exists`, { topic });
    this.#missing = new Set(missing);
  }
}

/** The package replaces the broker's error with its own. */
const isUnknownTopic = (error: unknown): boolean =>
  kafkaErrors(error).includes("UNKNOWN_TOPIC_OR_PARTITION") ||
  (error instanceof Error && error.message.startsWith("Unknown topic"));
