import type * as Kafka from "@platformatic/kafka";
import { type Delivery, DeliveryError, type Outcome } from "weir";
import { TemplateError } from "weir/fields";
import type { Producer } from "weir/kafka";
import { judge, judgeProduce, type Verdict } from "./judge.ts";
import type { KafkaRecord, Records } from "./records.ts";
import type { UnwritableTopics } from "./unwritable-topics.ts";

/** A record with the index of its event, and with the partition that it goes to. */
type Indexed = KafkaRecord & { readonly index: number };
type Placed = Indexed & { readonly partition: number };

interface AttemptOptions {
  readonly library: typeof Kafka;
  readonly events: readonly Delivery[];
  readonly turn: number;
  readonly unwritable: UnwritableTopics;
}

/**
 * One write: its records are sent topic by topic. Those that a broker refuses are sent again in halves until the ones to blame
 * are found; what was delivered beside them is not sent again. After any other failure nothing more is sent, so that no record
 * overtakes another one of its partition.
 */
export class Attempt {
  readonly #producer: Producer;
  readonly #library: typeof Kafka;
  readonly #events: readonly Delivery[];
  readonly #failed: NonNullable<Outcome["failed"]>[number][] = [];
  /** Why nothing more is sent. */
  #stopped: string | undefined;
  /** Where the records without a key go in this write: together, they are one batch. */
  readonly #turn: number;
  readonly #unwritable: UnwritableTopics;
  /** Whether events choose their topics. */
  #isChosen = false;

  constructor(producer: Producer, { library, events, turn, unwritable }: AttemptOptions) {
    this.#producer = producer;
    this.#library = library;
    this.#events = events;
    this.#turn = turn;
    this.#unwritable = unwritable;
  }

  async run(records: Records): Promise<Outcome | undefined> {
    this.#isChosen = records.choosesTopic;
    for (const [topic, indexed] of this.#byTopic(records)) await this.#toTopic(topic, indexed);
    const [first] = this.#failed;
    if (!first) return undefined;
    if (this.#failed.length === this.#events.length && this.#failed.every(({ final }) => !final))
      throw new DeliveryError(first.message);
    return { failed: this.#failed };
  }

  #byTopic(records: Records): ReadonlyMap<string, Indexed[]> {
    const indexed = this.#events.flatMap((event, index) => {
      try {
        return { ...records.of(event), index };
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        this.#failed.push({ index, message: `cannot make a record from the event: ${error.message}`, final: true });
        return [];
      }
    });
    return Map.groupBy(indexed, ({ topic }) => topic);
  }

  async #toTopic(topic: string, records: readonly Indexed[]): Promise<void> {
    if (this.#stopped !== undefined) return this.#fail(records, this.#stopped, false);
    let partitions: number;
    try {
      // One that did not exist a moment ago is not waited for, as there may be many of them.
      const retries = this.#unwritable.has(topic) ? { retries: 0 } : {};
      const { topics } = await this.#producer.metadata({ topics: [topic], autocreateTopics: true, ...retries });
      partitions = topics.get(topic)!.partitionsCount;
    } catch (error) {
      // This may be about one topic only: the others are tried.
      return this.#failTopic(topic, records, judge(error));
    }
    const placed = records.map((record) => ({ ...record, partition: this.#partitionOf(record, partitions) }));
    await this.#send(topic, placed);
  }

  /** The same choice as the Java client's. */
  #partitionOf({ topic, key, value }: KafkaRecord, partitions: number): number {
    const number = key ? this.#library.compatibilityPartitioner({ topic, value }, key) : this.#turn;
    return number % partitions;
  }

  async #send(topic: string, records: readonly Placed[]): Promise<void> {
    if (this.#stopped !== undefined) return this.#fail(records, this.#stopped, false);
    let verdictOf: (partition: number) => Verdict;
    try {
      const messages = records.map(({ index: _, ...record }) => record);
      await this.#producer.send({ messages: messages as Parameters<Producer["send"]>[0]["messages"] });
      this.#unwritable.written(topic);
      return;
    } catch (error) {
      verdictOf = judgeProduce(error, topic);
    }
    const halves: Placed[][] = [];
    for (const [partition, part] of Map.groupBy(records, (record) => record.partition)) {
      const verdict = verdictOf(partition);
      if (verdict.kind === "again" && verdict.isAboutTopic) this.#failTopic(topic, part, verdict);
      else if (verdict.kind === "again") {
        this.#stopped = `partition ${partition} of "${topic}" did not accept the event: ${verdict.message}`;
        this.#fail(part, this.#stopped, false);
      } else if (verdict.kind === "refused" && part.length === 1)
        this.#fail(part, `partition ${partition} of "${topic}" refused the event: ${verdict.message}`, true);
      else if (verdict.kind === "refused") {
        const middle = Math.ceil(part.length / 2);
        halves.push(part.slice(0, middle), part.slice(middle));
      }
    }
    for (const half of halves) await this.#send(topic, half);
  }

  /** Records whose topic does not exist, or may not be written to, wait for it, but not for long if an event has chosen it. */
  #failTopic(topic: string, records: readonly Indexed[], verdict: ReturnType<typeof judge>): void {
    const isOver = verdict.kind === "again" && verdict.isAboutTopic && this.#unwritable.failed(topic);
    const final = verdict.kind === "refused" || (isOver && this.#isChosen);
    this.#fail(records, `cannot write to the topic "${topic}": ${verdict.message}`, final);
  }

  #fail(records: readonly { readonly index: number }[], message: string, final: boolean): void {
    for (const { index } of records) this.#failed.push({ index, message, final });
  }
}
