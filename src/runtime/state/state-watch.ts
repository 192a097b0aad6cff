import type { Clock } from "../../clock.ts";
import type { Log } from "../../context.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import { andMore, Seldom } from "../../telemetry/seldom.ts";
import { bytesText } from "../../text.ts";

/** A state is reported when this part of its quota is used, and again after it has been below the other. */
const [high, low] = [0.8, 0.7];

export interface StateWatchOptions {
  /** In bytes. */
  readonly quota: number;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly clock: Clock;
}

/** Reports how full the state of a component is: to the log, and to the ledger for metrics and status. */
export class StateWatch {
  readonly #options: StateWatchOptions;
  readonly #seldom: Seldom;
  #isHigh = false;

  constructor(options: StateWatchOptions) {
    this.#options = options;
    this.#seldom = new Seldom(options.clock);
  }

  /** The state has this size now, in bytes. */
  used(bytes: number): void {
    const { quota, ledger, log } = this.#options;
    ledger.state = { bytes, quota };
    if (this.#isHigh) this.#isHigh = bytes >= low * quota;
    else if (bytes >= high * quota) {
      this.#isHigh = true;
      const part = `${Math.floor((100 * bytes) / quota)} %`;
      log.warn(`the state is ${part} full (${bytesText(bytes)} of ${bytesText(quota)}): ${wayOut}`);
    }
  }

  /** A write was refused, because there is no room. */
  refused(): void {
    const { quota, log } = this.#options;
    const unsaid = this.#seldom.ask("full");
    if (unsaid === undefined) return;
    log.error(`the state is full (${bytesText(quota)}), and nothing new is remembered${andMore(unsaid)}: ${wayOut}`);
  }
}

const wayOut = "raise state.max_size, or find out what fills it; nothing is evicted to make room";
