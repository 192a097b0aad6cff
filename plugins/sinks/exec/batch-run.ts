import { type Clock, type Delivery, DeliveryError, type Log, type Outcome } from "weir";
import { Command, type CommandConfig, ErrorLines, type Exit, exitWords } from "weir/command";

export interface BatchConfig extends CommandConfig {
  readonly final_exit_codes: readonly number[];
}

type Failure = NonNullable<Outcome["failed"]>[number];

/** Runs the command once for each write; its exit code says what became of the events. */
export class BatchRuns {
  readonly #config: BatchConfig;
  readonly #errors: ErrorLines;

  constructor(config: BatchConfig, log: Log, clock: Clock) {
    this.#config = config;
    this.#errors = new ErrorLines(log, clock);
  }

  /** Rejects with a `DeliveryError` if the command failed for all events and they must be retried. */
  async write(events: readonly Delivery[], signal: AbortSignal): Promise<Outcome> {
    return { failed: await this.#run(events, [...events.keys()], signal) };
  }

  async #run(events: readonly Delivery[], indexes: readonly number[], signal: AbortSignal): Promise<Failure[]> {
    const exit = await this.#once(
      indexes.map((index) => `${events[index]!.json}\n`),
      signal,
    );
    if (exit.code === 0) return [];
    const message = this.#words(exit);
    const isFinal = exit.code !== null && this.#config.final_exit_codes.includes(exit.code);
    if (!isFinal && indexes.length === events.length) throw new DeliveryError(message);
    if (!isFinal || indexes.length === 1) return indexes.map((index) => ({ index, message, final: isFinal }));
    // One of the events is to blame.
    const middle = Math.ceil(indexes.length / 2);
    const first = await this.#run(events, indexes.slice(0, middle), signal);
    return [...first, ...(await this.#run(events, indexes.slice(middle), signal))];
  }

  async #once(lines: readonly string[], signal: AbortSignal): Promise<Exit> {
    signal.throwIfAborted();
    const command = new Command(this.#config, { input: true, output: false, errors: this.#errors.run() });
    const stop = () => command.kill();
    signal.addEventListener("abort", stop, { once: true });
    command.input.end(lines.join(""));
    const exit = await command.ended;
    signal.removeEventListener("abort", stop);
    if (signal.aborted) throw new DeliveryError(`${exitWords(exit, this.#config)}: it ran longer than "timeout"`);
    return exit;
  }

  #words(exit: Exit): string {
    const { last } = this.#errors;
    return `${exitWords(exit, this.#config)}${last === undefined ? "" : `: ${last}`}`;
  }
}
