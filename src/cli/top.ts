import { setTimeout as sleep } from "node:timers/promises";
import { reachControl } from "../control/client.ts";
import type { RunningControl } from "../control/control.ts";
import { askRunning } from "./ask-running.ts";
import { Screen } from "./screen.ts";
import { exit, type Terminal } from "./terminal.ts";
import { type TopSample, topText } from "./top-text.ts";

export interface TopOptions {
  readonly dataDir: string;
  /** Time between two looks, in milliseconds. */
  readonly interval: number;
  readonly once?: boolean;
}

/** Shows what a running weir does: on a terminal as a table that is redrawn, otherwise as a table after each interval. */
export const top = (options: TopOptions, terminal: Terminal): Promise<number> =>
  askRunning(options.dataDir, terminal, async (control) => {
    const over = new AbortController();
    const quit = () => over.abort();
    process.once("SIGINT", quit).once("SIGTERM", quit);
    try {
      if (options.once || !terminal.hasScreen) return await print(control, options, over.signal, terminal);
      return await redraw(options, over, terminal);
    } finally {
      process.off("SIGINT", quit).off("SIGTERM", quit);
    }
  });

const look = async (control: RunningControl): Promise<TopSample | undefined> => {
  const status = await control.status();
  return status.phase === "stopped" ? undefined : { status, at: performance.now(), now: Date.now() };
};

/** Prints a table after each interval, until weir ends. */
const print = async (
  control: RunningControl,
  { interval, once = false, dataDir }: TopOptions,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<number> => {
  let before = await look(control);
  for (let tables = 0; before; tables++) {
    await rest(interval, signal);
    if (signal.aborted) return exit.success;
    const sample: TopSample | undefined = await lookAgain(dataDir);
    if (!sample || !isSameRun(before, sample)) break;
    const lines = topText(before, sample, { width: terminal.width, color: terminal.color.out });
    terminal.out(`${tables > 0 ? "\n" : ""}${lines.join("\n")}\n`);
    if (once) return exit.success;
    before = sample;
  }
  terminal.error(`The weir on "${dataDir}" has ended.\n`);
  return once ? exit.failed : exit.success;
};

/** Redraws the table after each interval, also when weir is started again. */
const redraw = async (options: TopOptions, over: AbortController, terminal: Terminal): Promise<number> => {
  const { interval, dataDir } = options;
  const screen = new Screen(terminal, () => over.abort());
  const shown: { before?: TopSample | undefined; sample?: TopSample | undefined } = {};
  const draw = () => {
    const { before, sample } = shown;
    const { width, height } = terminal;
    if (sample) screen.draw(topText(before ?? sample, sample, { width, height, color: terminal.color.out }));
    else screen.draw([`No weir is running on "${dataDir}"; waiting for one. q quits.`]);
  };
  process.stdout.on("resize", draw);
  try {
    while (!over.signal.aborted) {
      const sample = await lookAgain(dataDir);
      shown.before = sample && shown.sample && isSameRun(shown.sample, sample) ? shown.sample : undefined;
      shown.sample = sample;
      draw();
      await rest(shown.before || !sample ? interval : Math.min(interval, firstInterval), over.signal);
    }
  } finally {
    process.stdout.off("resize", draw);
    screen.close();
  }
  return exit.success;
};

/** The first rates are shown soon, in milliseconds. */
const firstInterval = 250;

/** `undefined` if no weir runs there any more. */
const lookAgain = async (dataDir: string): Promise<TopSample | undefined> => {
  try {
    const control = await reachControl(dataDir);
    return control && (await look(control));
  } catch (error) {
    // It may have ended before it answered.
    if (await reachControl(dataDir)) throw error;
    return undefined;
  }
};

const isSameRun = (a: TopSample, b: TopSample): boolean =>
  a.status.pid === b.status.pid && a.status.uptime_seconds <= b.status.uptime_seconds;

/** More often would only cost the run time. */
const shortestInterval = 100;

const rest = (time: number, signal: AbortSignal): Promise<void> =>
  sleep(Math.max(shortestInterval, time), undefined, { signal }).catch(() => undefined);
