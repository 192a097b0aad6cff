import { setImmediate as nextTurn } from "node:timers/promises";
import { type Clock, type Delivery, DeliveryError, type Log } from "weir";
import { Command, type CommandConfig, ErrorLines, exitWords } from "weir/command";

/** How long the command may take to exit after its input is closed, in milliseconds. */
const goodbyeTime = 5_000;
/** How long it may take to end when it does not take any more input, in milliseconds. */
const closedTime = 500;

interface Run {
  readonly command: Command;
  /** What to call at its end: each for a write. As reactions of a promise they would be kept for as long as it runs. */
  readonly waiting: Set<(error: DeliveryError) => void>;
}

/** Writes to a command that keeps running. Starts it if it is not running when there is something to write. */
export class LongRun {
  readonly #config: CommandConfig;
  readonly #clock: Clock;
  readonly #errors: ErrorLines;
  #run: Run | undefined;

  constructor(config: CommandConfig, log: Log, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    this.#errors = new ErrorLines(log, clock);
  }

  /** Resolves when the command's input has taken all events, and it still runs. Rejects with a `DeliveryError`. */
  async write(events: readonly Delivery[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#run?.command.isRunning) this.#run = this.#start();
    const run = this.#run;
    const { command, waiting } = run;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: DeliveryError) => {
        signal.removeEventListener("abort", giveUp);
        waiting.delete(settle);
        if (error) reject(error);
        else resolve();
      };
      const fail = (words: string) => {
        // Half a line may be in its input.
        command.kill();
        if (this.#run === run) this.#run = undefined;
        settle(new DeliveryError(words));
      };
      const giveUp = () => fail("the command did not read the whole write in time");
      signal.addEventListener("abort", giveUp, { once: true });
      waiting.add(settle);
      command.input.write(events.map(({ json }) => `${json}\n`).join(""), (error) => {
        if (!error) return settle();
        // How the command ended says more, if it has.
        void this.#clock.sleep(closedTime, signal).then(() => fail("the command closed its input, and was ended"));
      });
    });
    await nextTurn();
    if (!command.isRunning) throw new DeliveryError(exitWords(await command.ended, this.#config));
  }

  /** Ends the command's input, and waits for it. */
  async close(): Promise<void> {
    const command = this.#run?.command;
    if (!command?.isRunning) return;
    const over = new AbortController();
    void command.ended.then(() => over.abort());
    command.input.end();
    await this.#clock.sleep(goodbyeTime, over.signal);
    command.kill();
  }

  #start(): Run {
    const waiting: Run["waiting"] = new Set();
    const command = new Command(this.#config, { input: true, output: false, errors: this.#errors.run() });
    void command.ended.then((exit) => {
      for (const settle of waiting) settle(new DeliveryError(exitWords(exit, this.#config)));
    });
    return { command, waiting };
  }
}
