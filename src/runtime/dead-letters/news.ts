import type { Clock } from "../../clock.ts";
import type { Log } from "../../plugin.ts";
import { Seldom } from "../../telemetry/seldom.ts";

/** Says what goes to the dead letter: the first of each component and reason, then at most once a minute how many more. */
export class DeadLetterNews {
  readonly #log: (component: string) => Log;
  readonly #seldom: Seldom;

  constructor(log: (component: string) => Log, clock: Clock) {
    this.#log = log;
    this.#seldom = new Seldom(clock);
  }

  tell(component: string, reason: string, message: string): void {
    const unsaid = this.#seldom.ask(`${component}\n${reason}`);
    if (unsaid === undefined) return;
    const count = unsaid > 0 ? `${unsaid + 1} more events went` : "an event went";
    this.#log(component).warn(`${count} to the dead letter (${reason}): ${message}`, { reason });
  }
}
