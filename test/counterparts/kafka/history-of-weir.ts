import type { Ask, SharedHistory } from "weir/detection";
import { systemClock } from "../../../src/clock.ts";
import { KafkaHistory } from "../../../src/kafka/history/history.ts";

/** What the histories have logged. */
export const log: string[] = [];
const note = (text: string) => void log.push(text);
const host = { clock: systemClock, log: { debug: note, info: note, warn: note, error: note } };

export interface Place {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly disorder: number;
}

/** A history of one weir. Every few calls it begins again, as in another process: it reads what there is. */
export class Weir implements SharedHistory {
  readonly #config: ConstructorParameters<typeof KafkaHistory>[0];
  #calls = 0;
  #stop = new AbortController();
  #history: KafkaHistory | undefined;
  #horizon: Pick<Ask, "window" | "lateness"> | undefined;

  constructor(place: Place, more: object = {}) {
    this.#config = { tls: {}, max_size: 1_000_000, ...place, ...more };
  }

  async open(): Promise<KafkaHistory> {
    this.close();
    this.#stop = new AbortController();
    this.#history = new KafkaHistory(this.#config, { ...host, signal: this.#stop.signal });
    if (this.#horizon) this.#history.needs(this.#horizon);
    await this.#history.prepare();
    return this.#history;
  }

  async observe(asks: Parameters<SharedHistory["observe"]>[0], signal: AbortSignal) {
    const history = this.#calls++ % 10 === 0 || !this.#history ? await this.open() : this.#history;
    return history.observe(asks, signal);
  }

  needs(horizon: Pick<Ask, "window" | "lateness">): void {
    this.#horizon = horizon;
  }

  close(): void {
    this.#stop.abort();
  }
}

/** An event with one term. Times are in milliseconds. */
export const ask = (key: string, at = 1, more: object = {}) => ({
  owner: ["c", "r"],
  once: `once ${key} ${at}`,
  keys: [key],
  at,
  window: 1_000,
  lateness: 0,
  ...more,
});

const never = new AbortController().signal;

export const isNew = async (history: SharedHistory, ...asks: ReturnType<typeof ask>[]): Promise<readonly boolean[]> =>
  (await history.observe(asks, never)).map(([seen]) => seen!.isNew);
