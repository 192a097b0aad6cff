import type { Clock } from "../clock.ts";
import type { Log } from "../plugin.ts";
import type { Refusal } from "./problem.ts";

const interval = 60_000;

/** Says in the log that requests are refused, each status once a minute at most, with how many there were. */
export class RefusalLog {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #told = new Map<number, { readonly at: number; count: number }>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  add({ status, message }: Refusal): void {
    const last = this.#told.get(status);
    const now = this.#clock.now();
    if (last && now - last.at < interval) {
      last.count++;
      return;
    }
    this.#told.set(status, { at: now, count: 0 });
    const more = last && last.count > 0 ? `, and ${last.count} more since the last time this was said` : "";
    this.#log.warn(`a request was refused with ${status}${more}: ${message}`, { status });
  }
}
