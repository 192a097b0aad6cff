import type * as Kafka from "@platformatic/kafka";
import type { SourceContext } from "weir";
import { clientOptions } from "weir/kafka";
import type { ReadConfig } from "./options.ts";
import type { Topics } from "./topics.ts";

type Consumer = Kafka.Consumer<Buffer, Buffer, Buffer, Buffer>;

/** What a generation of the group has assigned to a member. */
export interface Assigned {
  readonly generation: number;
  readonly partitions: readonly Kafka.GroupAssignment[];
}

/** A membership of the group, from joining to leaving. */
export class Member {
  readonly consumer: Consumer;
  readonly #topics: Topics;
  readonly #admin: Kafka.Admin;
  /** The topics and their numbers of partitions when the group was joined, as text. */
  #known = "";
  #changed = Promise.withResolvers<void>();
  #assigned: Assigned | undefined;
  /** Why it cannot continue. */
  broken: Error | undefined;

  constructor(
    { Consumer, Admin, FetchIsolationLevels }: typeof Kafka,
    { config, id }: SourceContext<ReadConfig>,
    topics: Topics,
  ) {
    this.#topics = topics;
    const own = { ...clientOptions(config, "weir"), retries: 2, retryDelay: 250 };
    this.#admin = new Admin(own);
    this.consumer = new Consumer<Buffer, Buffer, Buffer, Buffer>({
      ...own,
      clientId: `weir-${id}`,
      groupId: config.group,
      autocommit: false,
      isolationLevel: FetchIsolationLevels.READ_COMMITTED,
      sessionTimeout: config.session_timeout,
      rebalanceTimeout: 60_000,
      heartbeatInterval: 1_000,
    });
    // The properties of the consumer are not of one generation while it joins again.
    this.consumer.on("consumer:group:join", ({ generationId: generation = -1, assignments = [] }) => {
      this.#assigned = { generation, partitions: assignments };
      this.#wake();
    });
    for (const event of ["error", "consumer:heartbeat:stalled"] as const)
      this.consumer.on(event, (found: unknown) => {
        this.broken = found instanceof Error ? found : new Error("the group coordinator does not answer");
        this.#wake();
      });
  }

  /** Joins if there is a topic to read, or joins again if there are other topics or partitions than before. */
  async join(): Promise<void> {
    const found = await this.#topics.find(this.consumer, this.#admin);
    const known = [...found].map(([name, count]) => `${name} ${count}`).sort();
    if (found.size === 0 || known.join() === this.#known) return;
    this.#known = known.join();
    const { topics } = this.consumer;
    topics.untrackAll(...topics.current.filter((topic) => !found.has(topic)));
    topics.trackAll(...found.keys());
    await this.consumer.joinGroup({});
  }

  /** What the group has assigned since the last call, if it has. */
  takeAssigned(): Assigned | undefined {
    const assigned = this.#assigned;
    this.#assigned = undefined;
    return assigned;
  }

  /** Resolves when something may be assigned, or `broken` may be set. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  async leave(): Promise<void> {
    await this.consumer.close(true).catch(() => undefined);
    await this.#admin.close().catch(() => undefined);
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
