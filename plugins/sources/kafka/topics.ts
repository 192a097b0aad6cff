import type * as Kafka from "@platformatic/kafka";
import type { SourceContext } from "weir";
import { isUnknownTopic } from "weir/kafka";
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
    const isByName = named.length === topics.length && this.#missing.size === 0;
    const found = (isByName && (await existing(consumer, named))) || (await this.#listed(consumer, admin));
    this.#say(named.filter((topic) => !found.has(topic)));
    return found;
  }

  /** Asks for all topics first. */
  async #listed(consumer: Consumer, admin: Pick<Kafka.Admin, "listTopics">): Promise<ReadonlyMap<string, number>> {
    for (let tries = 0; tries < 3; tries++) {
      const matched = (await admin.listTopics()).filter(topicMatcher(this.#context.config.topics));
      const found = matched.length === 0 ? new Map() : await existing(consumer, matched);
      if (found) return found;
    }
    throw new Error("topics are deleted while weir looks at them");
  }

  #say(missing: readonly string[]): void {
    const { log } = this.#context;
    for (const topic of missing)
      if (!this.#missing.has(topic))
        log.warn(
          `the topic "${topic}" does not exist, or weir has no permission to see it; weir checks every 30 seconds, and reads it once it is there`,
          { topic },
        );
    for (const topic of this.#missing)
      if (!missing.includes(topic)) log.info(`the topic "${topic}" now exists`, { topic });
    this.#missing = new Set(missing);
  }
}

/** The numbers of partitions; `undefined` if one of the topics does not exist: then the package returns none of them. */
const existing = async (
  consumer: Consumer,
  topics: readonly string[],
): Promise<ReadonlyMap<string, number> | undefined> => {
  try {
    const found = await consumer.metadata({ topics: [...topics], forceUpdate: true });
    return new Map([...found.topics].map(([name, { partitionsCount }]) => [name, partitionsCount]));
  } catch (error) {
    if (isUnknownTopic(error)) return undefined;
    throw error;
  }
};
