import { writeSync } from "node:fs";
import type { Stats } from "../runtime/stats.ts";
import { bytesText, shortened } from "../text.ts";
import { ageText } from "./age-text.ts";

/** How far sources have read, of what they are going to read, in bytes. */
export interface ProgressSample {
  readonly bytes: number;
  readonly total: number;
  /** Milliseconds of a monotonic clock. */
  readonly at: number;
}

/** Time between two drawings, in milliseconds. */
const interval = 500;
/** The rate is that of the last samples, in all five seconds. */
const samplesKept = 10;
const eraseLine = "\r\u001b[2K";

/**
 * A line at the end of a terminal that says how far a run has read, how fast, and how long the rest will take. Call `erase`
 * before anything else is printed there.
 */
export class ProgressLine {
  readonly #write: (text: string) => void;
  readonly #width: () => number;
  #timer: NodeJS.Timeout | undefined;
  #isDrawn = false;

  constructor(write: (text: string) => void = toTerminal, width: () => number = () => process.stderr.columns || 80) {
    this.#write = write;
    this.#width = width;
  }

  /** Draws from now on, as long as some source reports progress. `stats` is `undefined` when nothing more is read. */
  start(stats: () => Stats | undefined): void {
    const samples: ProgressSample[] = [];
    process.once("exit", this.erase);
    this.#timer = setInterval(() => {
      const now = stats();
      const sample = now && progressOf(now, performance.now());
      if (!sample || sample.bytes >= sample.total) return this.erase();
      samples.push(sample);
      if (samples.length > samplesKept) samples.shift();
      this.#write(`${eraseLine}${shortened(progressText(samples), this.#width() - 1)}`);
      this.#isDrawn = true;
    }, interval).unref();
  }

  readonly erase = (): void => {
    if (this.#isDrawn) this.#write(eraseLine);
    this.#isDrawn = false;
  };

  /** Draws nothing more. */
  end(): void {
    clearInterval(this.#timer);
    process.off("exit", this.erase);
    this.erase();
  }
}

/** Together for all sources that report progress; `undefined` if none does. */
export const progressOf = ({ components }: Stats, at: number): ProgressSample | undefined => {
  let [bytes, total] = [0, 0];
  for (const component of Object.values(components)) {
    bytes += component.component_progress_bytes ?? 0;
    total += component.component_progress_total_bytes ?? 0;
  }
  return total > 0 ? { bytes, total, at } : undefined;
};

/** The samples are in order of time; there is at least one. */
export const progressText = (samples: readonly ProgressSample[]): string => {
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const share = `${Math.floor((100 * last.bytes) / last.total)} %, ${bytesText(last.bytes)} of ${bytesText(last.total)}`;
  if (last.at <= first.at) return `reading: ${share}`;
  const rate = (1000 * (last.bytes - first.bytes)) / (last.at - first.at);
  const left = rate > 0 ? `, ${ageText((last.total - last.bytes) / rate)} left` : "";
  return `reading: ${share}, ${bytesText(Math.max(0, Math.round(rate)))}/s${left}`;
};

/** Synchronously, as the log is written, so that the two do not mix. */
const toTerminal = (text: string): void => {
  try {
    writeSync(2, text);
  } catch {
    // The terminal is gone, or takes nothing now: there is nothing to show.
  }
};
