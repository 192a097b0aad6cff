import { setImmediate as nextTurn } from "node:timers/promises";
import { type Clock, type Delivery, DeliveryError, type Log } from "weir";
import { Command, type CommandConfig, ErrorLines, exitWords } from "weir/command";

/** How long the command may take to exit after its input is closed, in milliseconds. */
const goodbyeTime = 5_000;

/** Writes to a command that keeps running. Starts it if it is not running when there is something to write. */
export class LongRun {
  readonly #config: CommandConfig;
  readonly #clock: Clock;
  readonly #errors: ErrorLines;
  #command: Command | undefined;

  constructor(config: CommandConfig, log: Log, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    this.#errors = new ErrorLines(log, clock);
  }

  /** Resolves when the command's input has taken all events, and it still runs. Rejects with a `DeliveryError`. */
  async write(events: readonly Delivery[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#command?.isRunning) this.#command = this.#start();
    const command = this.#command;
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        // Half a line may be in its input.
        command.kill();
        reject(new DeliveryError("the command did not read the whole write in time"));
      };
      signal.addEventListener("abort", giveUp, { once: true });
      void command.ended.then((exit) => reject(new DeliveryError(exitWords(exit, this.#config))));
      command.input.write(events.map(({ json }) => `${json}\n`).join(""), (error) => {
        signal.removeEventListener("abort", giveUp);
        // How the command ended says more.
        if (!error) resolve();
      });
    });
    await nextTurn();
    if (!command.isRunning) throw new DeliveryError(exitWords(await command.ended, this.#config));
  }

  /** Ends the command's input, and waits for it. */
  async close(): Promise<void> {
    const command = this.#command;
    if (!command?.isRunning) return;
    const over = new AbortController();
    void command.ended.then(() => over.abort());
    command.input.end();
    await this.#clock.sleep(goodbyeTime, over.signal);
    command.kill();
  }

  #start(): Command {
    return new Command(this.#config, { input: true, output: false, errors: this.#errors.run() });
  }
}
