import { appendFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../random.ts";

/** An event of the log. */
export interface LogEvent {
  /** Its number, from 0. */
  readonly n: number;
  /** Now and then there is none. */
  readonly key?: string;
  /** Milliseconds since 1970, long ago, and out of order. */
  readonly time: number;
  readonly v: number;
  readonly text: string;
  readonly end?: true;
}

const start = Date.UTC(2025, 0, 6);
/** How far events are apart, and how far behind they may be, in milliseconds of event time. */
const [apart, disorder] = [30, 2_500];
const keys = ["ash", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple"];

const eventOf = (n: number, random: Random): LogEvent => ({
  n,
  ...(!random.chance(0.05) && { key: random.chance(0.03) ? `tree ${n}` : random.skewed(keys) }),
  time: start + n * apart - (random.chance(0.2) ? random.between(0, disorder) : 0),
  v: random.between(-3, 9),
  text: `line ${n}`,
  ...(random.chance(0.08) && { end: true }),
});

/** Writes the log in bursts and pauses, whether weir runs or not, until it is stopped. */
export class TransformLoad {
  readonly events: LogEvent[] = [];
  readonly #path: string;
  readonly #random: Random;
  readonly #observed: { readonly events: { readonly length: number } };
  readonly #lead: number;
  readonly #done: Promise<void>;
  #isStopped = false;

  /** `lead`: how far writing may be ahead of what is observed, in events. */
  constructor(path: string, random: Random, observed: { readonly events: { readonly length: number } }, lead: number) {
    this.#path = path;
    this.#lead = lead;
    this.#random = random;
    this.#observed = observed;
    writeFileSync(path, "");
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
  }

  async #run(): Promise<void> {
    const random = this.#random;
    while (!this.#isStopped) {
      if (this.events.length - this.#observed.events.length < this.#lead) await this.#burst(random.between(1, 40));
      await sleep(random.chance(0.03) ? random.between(100, 400) : random.between(0, 15));
    }
  }

  /** Now and then in two writes that cut a line. */
  async #burst(count: number): Promise<void> {
    const events = Array.from({ length: count }, (_, index) => eventOf(this.events.length + index, this.#random));
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");
    const cut = this.#random.chance(0.2) ? this.#random.between(1, text.length - 1) : text.length;
    appendFileSync(this.#path, text.slice(0, cut));
    if (cut < text.length) await sleep(this.#random.between(0, 4));
    appendFileSync(this.#path, text.slice(cut));
    this.events.push(...events);
  }
}
