import type { Tapped } from "../control/control.ts";
import type { Missed } from "../runtime/tap/tap.ts";
import { counted, printable } from "../text.ts";
import { askRunning } from "./ask-running.ts";
import { eventLine, eventText } from "./event-text.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface TapOptions {
  readonly dataDir: string;
  readonly inputs?: boolean;
  readonly where?: string;
  /** The most events in a second. */
  readonly rate: number;
  /** The number of events after which to end. */
  readonly limit?: number;
  readonly format: "json" | "pretty";
}

/** Time between two notes about missed events, in milliseconds. */
const noteInterval = 1000;

/** Prints events as they pass in a running weir, until the limit, a signal, or the end of that weir. */
export const tap = (glob: string, options: TapOptions, terminal: Terminal): Promise<number> =>
  askRunning(options.dataDir, terminal, async (control) => {
    const { inputs, where, rate } = options;
    const tapped = await control.tap({ glob, inputs, where, rate });
    const stop = () => tapped.close();
    process.once("SIGINT", stop).once("SIGTERM", stop);
    const verb = inputs ? "what enters" : "what leaves";
    terminal.error(`watching ${verb} ${tapped.points.map((name) => `"${name}"`).join(", ")}\n`);
    await show(tapped, options, terminal);
    process.off("SIGINT", stop).off("SIGTERM", stop);
    return exit.success;
  });

const show = async ({ parts }: Tapped, options: TapOptions, terminal: Terminal): Promise<void> => {
  const { limit = Number.POSITIVE_INFINITY, format, rate } = options;
  const notes = new MissedNotes(rate, terminal);
  let shown = 0;
  for await (const { events, missed } of parts) {
    for (const event of events.slice(0, limit - shown))
      terminal.out(format === "json" ? eventLine(event) : eventText(event, terminal.color.out));
    shown += Math.min(events.length, limit - shown);
    if (shown >= limit) break;
    notes.add(missed);
  }
  notes.tell();
};

/** Tells how many events were missed, and why, at most once a second. */
class MissedNotes {
  readonly #why: Readonly<Record<keyof Missed, string>>;
  readonly #terminal: Terminal;
  readonly #untold = new Map<keyof Missed, number>();
  #toldAt = Number.NEGATIVE_INFINITY;
  #later: NodeJS.Timeout | undefined;

  constructor(rate: number, terminal: Terminal) {
    this.#terminal = terminal;
    this.#why = {
      rate: `more than ${rate} in a second; see --rate`,
      time: "looking at all of them would slow the run",
      slow: "they were not read fast enough",
      unreadable: "their data cannot be read",
    };
  }

  add(missed: Missed): void {
    for (const [reason, count] of Object.entries(missed) as [keyof Missed, number][])
      if (count > 0) this.#untold.set(reason, (this.#untold.get(reason) ?? 0) + count);
    const rest = noteInterval - (performance.now() - this.#toldAt);
    if (this.#untold.size > 0) this.#later ??= setTimeout(() => this.tell(), rest);
  }

  tell(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    for (const [reason, count] of this.#untold)
      this.#terminal.error(`${printable(`not shown: ${counted(count, "event")} (${this.#why[reason]})`)}\n`);
    this.#untold.clear();
    this.#toldAt = performance.now();
  }
}
