import { randomUUID } from "node:crypto";
import type { Observation } from "../../detection/new-terms/observe.ts";
import { repeatable } from "../../detection/new-terms/shared.ts";
import type { Ask, SharedHistory } from "../../detection/shared-history.ts";
import { fingerprint } from "../../fingerprint.ts";
import { type HistoryHost, untilItAnswers } from "../../shared-history/waiting.ts";
import { counted } from "../../text.ts";
import { kafkaWords } from "../words.ts";
import { type Change, type Claim, decodeChange, encodeChange, isClaim } from "./change.ts";
import { type KafkaHistoryConfig, optionsAt } from "./options.ts";
import { planFor } from "./plan.ts";
import { Replica } from "./replica.ts";
import { Tail } from "./tail.ts";
import { type HistoryRecord, HistoryTopic } from "./topic.ts";

/** How long a written record may take to come back, in milliseconds. */
const patience = 30_000;

/**
 * A history of new terms in a Kafka topic, of which each weir has a replica in memory. What a replica knows is certain, so an event
 * with nothing new needs no request. Everything else is written to the topic first, and is answered when it comes back: the order of
 * the topic decides.
 */
export class KafkaHistory implements SharedHistory {
  readonly #config: KafkaHistoryConfig;
  readonly #host: HistoryHost;
  readonly #topic: HistoryTopic;
  readonly #replica = new Replica();
  readonly #tail: Tail;
  /**
   * Names this history in the keys of its records. The replica must know everything that was written under the name, so a new process,
   * or a replica that starts over, gets a new name.
   */
  #writer = randomUUID();
  #claims = 0;
  /** The claims of this weir that have not come back, and the answers of those that have. */
  readonly #claimed = new Map<string, readonly Observation[] | undefined>();
  #running: Promise<void> | undefined;
  #hasForeign = false;
  /** How long the topic must keep a record, in milliseconds: longer than an event can be judged by it, or come again and need its answer. */
  #needed = repeatable;
  /** Whether the settings of the topic are those of the topic that is read. */
  #isChecked = false;

  constructor(config: KafkaHistoryConfig, host: HistoryHost) {
    this.#config = config;
    this.#host = host;
    this.#topic = new HistoryTopic(config);
    this.#tail = new Tail(config, host, {
      take: (value, now) => this.#take(value, now),
      reset: () => {
        this.#replica.clear();
        this.#writer = randomUUID();
        this.#isChecked = false;
      },
    });
    host.signal.addEventListener("abort", () => void this.#topic.close(), { once: true });
  }

  needs({ window, lateness }: Pick<Ask, "window" | "lateness">): void {
    this.#needed = Math.max(this.#needed, window + lateness);
  }

  /** Resolves when the replica has everything that is in the topic. */
  async prepare(): Promise<void> {
    const { signal, log } = this.#host;
    const attempt = async (): Promise<readonly string[]> => {
      const flaws = await this.#check(signal);
      this.#running ??= this.#tail.run();
      await this.#tail.caughtUp(signal).catch((error) => {
        throw new Error(`${this.#topic.name} cannot be read: ${kafkaWords(error, optionsAt)}`, { cause: error });
      });
      return flaws;
    };
    await untilItAnswers(this.#topic.name, attempt, this.#host);
    if (!signal.aborted) log.info(`${this.#topic.name} has ${this.#replica.terms} terms and combinations`);
  }

  async observe(asks: readonly Ask[], signal: AbortSignal): Promise<readonly (readonly Observation[])[]> {
    const claims = asks.map((ask) => this.#claimOf(ask));
    const { answers, changes } = planFor(this.#replica, claims);
    if (changes.length > 0) await this.#write(changes, signal);
    return answers.map((answer, index) => {
      const seen = answer ?? this.#claimed.get(nameOf(claims[index]!));
      if (!seen) throw new Error(`${this.#topic.name} has lost a record that was written to it`);
      return seen;
    });
  }

  /** Resolves when the replica has the changes, and the claims among them have answers. */
  async #write(changes: readonly Change[], signal: AbortSignal): Promise<void> {
    for (const change of changes) this.needs(change);
    if (!this.#isChecked || this.#needed > this.#topic.retention) await this.#check(signal);
    if (changes.some(isClaim)) await this.#makeRoom(signal);
    this.#claimed.clear();
    for (const change of changes) if (isClaim(change)) this.#claimed.set(nameOf(change), undefined);
    await this.#append(
      changes.map((change) => ({ key: this.#keyOf(change), value: encodeChange(change) })),
      signal,
    );
  }

  /** Resolves when the replica has the records. */
  async #append(records: readonly HistoryRecord[], signal: AbortSignal): Promise<void> {
    const last = await this.#topic.append(records, signal);
    const late = AbortSignal.timeout(patience);
    await this.#tail.passed(last, AbortSignal.any([signal, late])).catch((error: Error) => {
      throw new Error(`${this.#topic.name} does not answer: ${error.message}`, { cause: error });
    });
  }

  #take(value: Buffer | null | undefined, now: number): void {
    if (!value) return void this.#replica.pass(now);
    const change = decodeChange(value);
    if (!change) {
      if (!this.#hasForeign)
        this.#host.log.warn(`${this.#topic.name} has records that this version of weir does not understand`);
      this.#hasForeign = true;
      return;
    }
    const seen = this.#replica.apply(change, now);
    if (seen && isClaim(change) && this.#claimed.has(nameOf(change))) this.#claimed.set(nameOf(change), seen);
  }

  /** Rounds times to steps of the disorder, so that what is seen all the time is written once per step. */
  #claimOf({ owner, once, keys, at, window, lateness }: Ask): Claim {
    const disorder = Math.min(this.#config.disorder, window);
    const step = Math.max(1, disorder);
    return {
      owner: owner.join("/"),
      once,
      keys,
      at: Math.floor(at / step) * step,
      window: Math.ceil(window / step) * step,
      lateness,
      disorder,
    };
  }

  /** A claim is never replaced. A refresh is replaced by a later one of the same writer. */
  #keyOf(change: Change): string {
    if (isClaim(change)) return `${this.#writer}/${this.#claims++}`;
    return `${this.#writer}/${fingerprint([change.owner, ...change.keys].join("\n"))}`;
  }

  /** Resolves to flaws of the topic. Rejects if it cannot hold this history. */
  async #check(signal: AbortSignal): Promise<readonly string[]> {
    const flaws = await this.#topic.prepare(signal);
    const { retention } = this.#topic;
    if (this.#needed > retention)
      throw new Error(
        `${this.#topic.name} keeps records for only ${daysOf(retention)}, but the history needs ${daysOf(this.#needed)}: raise its retention.ms`,
      );
    this.#isChecked = true;
    return flaws;
  }

  /**
   * Throws if there is no room for anything new. Only records bring the time at which something expires; where all weirs wait for room, nobody
   * writes one, so this writes one without a value.
   */
  async #makeRoom(signal: AbortSignal): Promise<void> {
    const { max_size: most } = this.#config;
    if (this.#replica.size > most) await this.#append([{ key: `${this.#writer}/time` }], signal);
    if (this.#replica.size > most)
      throw new Error(
        `the history is larger than ${most} bytes, so nothing new can be added: raise "state.max_size" of all weirs that share it`,
      );
  }
}

const daysOf = (duration: number): string => counted(Math.ceil(duration / (24 * 3_600_000)), "day");

const nameOf = ({ owner, once }: Claim): string => `${owner} ${once}`;
