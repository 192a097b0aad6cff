import type { Clock } from "../clock.ts";
import type { Log } from "../plugin.ts";

/** Between two lines of the log about the same, in milliseconds. */
const quiet = 60_000;

/** Says what goes to the dead letter: the first of each component and reason, then at most once a minute how many more. */
export class DeadLetterNews {
  readonly #log: (component: string) => Log;
  readonly #clock: Clock;
  readonly #told = new Map<string, { at: number; untold: number }>();

  constructor(log: (component: string) => Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  tell(component: string, reason: string, message: string): void {
    const key = `${component}\n${reason}`;
    const told = this.#told.get(key);
    const now = this.#clock.now();
    if (told && now - told.at < quiet) {
      told.untold++;
      return;
    }
    const count = told ? `${told.untold + 1} more events have gone` : "an event has gone";
    this.#told.set(key, { at: now, untold: 0 });
    this.#log(component).warn(`${count} to the dead letter (${reason}): ${message}`, { reason });
  }
}
