import type { Clock } from "../../clock.ts";
import type { Log } from "../../plugin.ts";
import { Seldom } from "../../telemetry/seldom.ts";

/** Logs what goes to the dead letter: the first event of each component and reason, then a count at most once a minute. */
export class DeadLetterLog {
  readonly #log: (component: string) => Log;
  readonly #seldom: Seldom;

  constructor(log: (component: string) => Log, clock: Clock) {
    this.#log = log;
    this.#seldom = new Seldom(clock);
  }

  add(component: string, reason: string, message: string): void {
    const unsaid = this.#seldom.ask(`${component}\n${reason}`);
    if (unsaid === undefined) return;
    const count = unsaid > 0 ? `${unsaid + 1} more events went` : "an event went";
    this.#log(component).warn(`${count} to the dead letter (${reason}): ${message}`, { reason });
  }
}
