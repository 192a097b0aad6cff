import type { Reading, SourceContext } from "../plugin.ts";
import { turn } from "../virtual-clock.ts";
import type { RecordedClock } from "./recorded-clock.ts";
import type { Part, Recording } from "./recording.ts";

/** The runtime that gets the events, as the player sees it. */
export interface Played {
  /** The earliest time for which something wants a tick, in milliseconds since 1970. */
  readonly nextTick: number | undefined;
  /** Whether calls to the outside are under way: time stands still until they return. */
  readonly isCalling: boolean;
  clockMoved(): void;
  commitNow(): void;
  /** Ends the run as a signal does. */
  stop(): void;
}

export interface PlayerOptions {
  readonly recording: Recording;
  readonly clock: RecordedClock;
  /** The runtime, which is built after its sources. */
  readonly played: () => Played;
  /** Events before `since` are counted as earlier, and those after `until` are not read. In milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly until: number | undefined;
  /** Called now and then while events are read. */
  readonly between?: (() => Promise<void>) | undefined;
}

/** The records that were read, and where their times were found. */
export interface Times {
  /** The times of the first and the last event, in milliseconds since 1970. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** Records with events, by the field in which their time was found. */
  readonly found: ReadonlyMap<string, number>;
  /** Records with events before `since`. */
  readonly earlier: number;
  /** Records without a usable time: they get that of the event before them. */
  readonly untimed: number;
  /** Records that are older than one before them, and by how much at most, in milliseconds. */
  readonly late: number;
  readonly latest: number;
}

/** How much time passes after the last event, so that events which are put in order by time are judged, in milliseconds. */
const afterwards = 60_000;
/** How many readings come between two calls of `between`. */
const between = 1_000;
/** How many readings come between two reports of progress. */
const telling = 256;
/** Records with the same time are one reading, up to this many bytes. */
const together = 64 * 1024;

/**
 * Reads a recording as a source, as if weir had run when its events were written: the clock stands at the time of each, and
 * ticks that are due come before it. Records with the same time are read together. After the last one, a minute passes, and
 * the run is stopped.
 */
export class Player {
  readonly #options: PlayerOptions;
  readonly #found = new Map<string, number>();
  #first: number | undefined;
  #last: number | undefined;
  #earlier = 0;
  #untimed = 0;
  #late = 0;
  #latest = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  get times(): Times {
    return {
      first: this.#first,
      last: this.#last,
      found: this.#found,
      earlier: this.#earlier,
      untimed: this.#untimed,
      late: this.#late,
      latest: this.#latest,
    };
  }

  async *read({ signal, progress }: Pick<SourceContext<unknown>, "signal" | "progress">): AsyncGenerator<Reading> {
    const { recording, clock, until = Number.POSITIVE_INFINITY } = this.#options;
    let waiting: Waiting | undefined;
    let readings = 0;
    for await (const part of recording.parts()) {
      if (signal.aborted) return;
      const at = Math.max(clock.now(), part.at ?? 0);
      if (at > until) break;
      this.#count(part, at);
      if (waiting && (at > waiting.at || !waiting.takes(part))) {
        yield waiting.reading();
        waiting = undefined;
        if (++readings % telling === 0) progress?.({ bytes: recording.read, total: recording.total });
        if (readings % between === 0) await this.#options.between?.();
      }
      if (at > clock.now() || this.#played.isCalling) await this.#moveTo(at, signal);
      if (waiting) waiting.add(part);
      else waiting = new Waiting(part, at);
    }
    if (waiting && !signal.aborted) yield waiting.reading();
    await this.#moveTo(Math.min(until, clock.now() + afterwards), signal);
    // Windows that are open stay open, as when weir is stopped: what has not come by then may still come.
    this.#played.stop();
  }

  get #played(): Played {
    return this.#options.played();
  }

  /** `at`: when the clock stands at it. */
  #count({ slice: { time, hasEvent } }: Part, at: number): void {
    if (!hasEvent) return;
    const { since = Number.NEGATIVE_INFINITY, clock } = this.#options;
    const now = this.#first === undefined ? at : clock.now();
    this.#first ??= at;
    this.#last = at;
    if (at < since) this.#earlier++;
    if (!time) this.#untimed++;
    else this.#found.set(time.where, (this.#found.get(time.where) ?? 0) + 1);
    if (!time || time.at >= now) return;
    this.#late++;
    this.#latest = Math.max(this.#latest, now - time.at);
  }

  /** Moves the clock on. Every tick that is due until then comes at its time. */
  async #moveTo(time: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const played = this.#played;
    await this.#waitFor(() => !played.isCalling, signal);
    for (let next = played.nextTick; next !== undefined && next <= time; next = played.nextTick) {
      if (signal.aborted) return;
      clock.moveTo(next);
      played.clockMoved();
      await this.#waitFor(() => (played.nextTick ?? Number.POSITIVE_INFINITY) > clock.now(), signal);
    }
    clock.moveTo(time);
  }

  /** Waits until what was asked for has happened: earlier ticks are committed, calls have returned. */
  async #waitFor(isDone: () => boolean, signal: AbortSignal): Promise<void> {
    while (!isDone() && !signal.aborted) {
      const since = performance.now();
      this.#played.commitNow();
      await turn();
      if (this.#played.isCalling) this.#options.clock.waitedSince(since);
    }
  }
}

/** Records of one file with the same time, which are read together. */
class Waiting {
  readonly at: number;
  readonly #path: string;
  readonly #position: number;
  readonly #parts: Buffer[] = [];
  #bytes = 0;
  #end = false;

  constructor(part: Part, at: number) {
    this.at = at;
    this.#path = part.path;
    this.#position = part.slice.position;
    this.add(part);
  }

  takes({ path, slice }: Part): boolean {
    return path === this.#path && this.#bytes + slice.bytes.length <= together;
  }

  add({ slice, end }: Part): void {
    this.#parts.push(slice.bytes);
    this.#bytes += slice.bytes.length;
    this.#end = end;
  }

  reading(): Reading {
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    const { stream, path } = { stream: this.#path, path: this.#path };
    return { stream, path, position: this.#position, bytes, framing: "newline", ...(this.#end && { end: true }) };
  }
}
