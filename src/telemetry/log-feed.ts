import type { Clock } from "../clock.ts";
import type { Log } from "../context.ts";
import type { LogLine } from "../plugin.ts";

type Listener = (line: LogLine) => void;

/** The log of a run, for others to follow: every line is logged, and then given to those who follow. */
export class LogFeed {
  readonly #clock: Clock;
  readonly #log: (component: string) => Log;
  readonly #listeners = new Set<Listener>();

  constructor(log: (component: string) => Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** The log of a component. */
  readonly of = (component: string): Log => {
    const log = this.#log(component);
    const at =
      (level: LogLine["level"]) =>
      (message: string, fields?: Readonly<Record<string, unknown>>): void => {
        log[level](message, fields);
        if (this.#listeners.size === 0) return;
        const line = { at: this.#clock.now(), level, component, message, fields };
        for (const listener of this.#listeners) listener(line);
      };
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  };

  /** Calls `listener`, which must neither log nor throw, for each line until `signal` aborts. */
  follow(listener: Listener, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener), { once: true });
  }
}
