import { StringDecoder } from "node:string_decoder";
import type { Clock } from "../clock.ts";
import type { Log } from "../context.ts";

/** How many characters of a line are logged. */
const longestLine = 1_000;
/** How many lines are logged in a minute. */
const mostLines = 10;
const minute = 60_000;

/** Logs what a component's commands write to standard error: a few lines a minute, and how many more there were. */
export class ErrorLines {
  /** The last line of the latest run, if there is one. */
  last: string | undefined;
  readonly #log: Log;
  readonly #clock: Clock;
  #since = Number.NEGATIVE_INFINITY;
  #logged = 0;
  #unsaid = 0;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Starts a run: call `push` with each piece of its standard error, and `end` at the end. */
  run(): { readonly push: (bytes: Buffer) => void; readonly end: () => void } {
    this.last = undefined;
    const decoder = new StringDecoder("utf8");
    let rest = "";
    const take = (text: string) => {
      const lines = (rest + text).split("\n");
      // Only what is logged of a line without an end is kept.
      rest = lines.pop()!.slice(0, longestLine + 1);
      for (const line of lines) this.#line(line);
    };
    return {
      push: (bytes) => take(decoder.write(bytes)),
      end: () => {
        take(decoder.end());
        this.#line(rest);
        rest = "";
      },
    };
  }

  #line(line: string): void {
    const text = line.trimEnd();
    if (text === "") return;
    this.last = text.length > longestLine ? `${text.slice(0, longestLine)}…` : text;
    const now = this.#clock.monotonic();
    if (now - this.#since >= minute) [this.#since, this.#logged] = [now, 0];
    if (this.#logged >= mostLines) {
      this.#unsaid++;
      return;
    }
    const more = this.#unsaid > 0 ? ` (${this.#unsaid} earlier lines were not logged)` : "";
    this.#logged++;
    this.#unsaid = 0;
    this.#log.warn(`the command wrote to standard error: ${this.last}${more}`);
  }
}
