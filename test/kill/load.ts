import { setTimeout as sleep } from "node:timers/promises";
import type { LogWriter } from "./log-writer.ts";
import type { Observed } from "./observed.ts";
import type { Random } from "./random.ts";

/** How far writing may be ahead of what is observed, and one log ahead of the other, in lines. */
export interface Leads {
  readonly backlog: number;
  readonly other: number;
}

/** Keeps writing to all logs in bursts, and rotating them, whether weir runs or not, until it is stopped. */
export class Load {
  readonly #writers: readonly LogWriter[];
  readonly #observed: Observed;
  readonly #random: Random;
  readonly #leads: Leads;
  #isStopped = false;
  readonly #done: Promise<void>;

  constructor(writers: readonly LogWriter[], observed: Observed, random: Random, leads: Leads) {
    this.#writers = writers;
    this.#observed = observed;
    this.#random = random;
    this.#leads = leads;
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
    for (const writer of this.#writers) await writer.finish();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#observed.look();
      for (const writer of this.#writers) await this.#turn(writer);
      await sleep(this.#random.between(0, 8));
    }
  }

  async #turn(writer: LogWriter): Promise<void> {
    const random = this.#random;
    const observed = this.#observed.count(writer.plan.source);
    const least = Math.min(...this.#writers.map(({ written }) => written));
    if (writer.written - observed * 1.02 > this.#leads.backlog || writer.written - least > this.#leads.other) return;
    if (random.chance(0.8)) await writer.append(random.between(1, 200));
    // What was rotated before the very first start is not read, by design: the first commit has to have been.
    if (writer.isFull && observed > 0) await writer.rotate(observed);
  }
}
