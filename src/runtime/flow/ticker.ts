import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../clock.ts";
import type { Group, Origin } from "./group.ts";
import type { KeepStage } from "./stages/keep-stage.ts";
import type { Stamps } from "./stamp.ts";
import type { Waiters } from "./waiters.ts";

export interface TickerOptions {
  readonly group: Group;
  /** The transforms with ticks. */
  readonly stages: readonly KeepStage[];
  readonly origin: (ids: ReadonlySet<string>) => Origin;
  readonly stamps: Stamps;
  readonly clock: Clock;
  /** Woken when a transform asks for a tick at another time. */
  readonly wakes: Waiters;
  /** How long all sources that reach a component have had no data, in milliseconds. */
  readonly idle: (component: string) => number;
}

/** The longest timer, in milliseconds. It is limited to notice changes of the clock. */
const longestSleep = 60_000;

/**
 * Admits ticks at the times that transforms asked for: batches without events, in the order of batches. If no transform
 * asks, there is no timer. At most one tick is uncommitted; what is due meanwhile is part of the next one.
 */
export class Ticker {
  readonly #options: TickerOptions;
  /** The time at the last look. It is lower than this only if the clock was set back. */
  #latest: number;
  /** Aborts when the final ticks start. No other ticks follow them. */
  readonly #ending = new AbortController();

  constructor(options: TickerOptions) {
    this.#options = options;
    this.#latest = options.stamps.highest;
  }

  /** Admits ticks until `over` aborts, the final ticks start, or the group closes. */
  async run(over: AbortSignal): Promise<void> {
    const { group, stamps, stages, wakes } = this.#options;
    if (stages.length === 0) return;
    const signal = AbortSignal.any([over, this.#ending.signal]);
    while (!signal.aborted && group.isOpen) {
      const now = stamps.peek();
      const isSetBack = now < this.#latest;
      this.#latest = now;
      const wake = this.#earliest();
      // Of a time that may now be far in the future: the tick ends the epoch.
      const asked = isSetBack ? Number.POSITIVE_INFINITY : now;
      const left = wake === undefined ? undefined : wake - asked;
      if (left === undefined) await wakes.wait(signal);
      else if (left > 0) await this.#sleep(left, signal);
      else {
        await group.tickRoom(signal);
        if (!signal.aborted) this.#admit(false, isSetBack ? this.#asking(asked) : undefined);
        group.afterTick();
        // A transform may always ask for the next tick at once. Let others run between two ticks.
        await nextTurn();
      }
    }
  }

  /** Sleeps until a tick is due or a transform asks for another time. */
  async #sleep(left: number, signal: AbortSignal): Promise<void> {
    const { clock, wakes } = this.#options;
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    await Promise.race([clock.sleep(Math.min(left, longestSleep), either), wakes.wait(either)]);
    over.abort();
  }

  /**
   * Admits the final ticks of a run whose sources have all ended: one for each transform that has asked, and more while its
   * ticks are full. They come in topological order, because the output of one transform may make a later one ask.
   */
  async final(signal: AbortSignal): Promise<void> {
    const { group, stages } = this.#options;
    if (stages.length === 0) return;
    this.#ending.abort();
    // Batches in flight may still make a transform ask for a tick.
    await group.idle(signal);
    for (const stage of stages) {
      let isDone = stage.wake === undefined;
      while (!isDone && !signal.aborted) {
        this.#admit(true, new Set([stage.id]));
        await group.idle(signal);
        isDone = !stage.isFull;
      }
    }
  }

  /** Ids of the transforms that ask for a tick by this time. */
  #asking(until: number): Set<string> {
    const asking = this.#options.stages.filter(({ wake }) => wake !== undefined && wake <= until);
    return new Set(asking.map(({ id }) => id));
  }

  /** The earliest time that a transform asks for, in milliseconds since 1970; `undefined` if none asks. */
  get next(): number | undefined {
    return this.#earliest();
  }

  #earliest(): number | undefined {
    let earliest: number | undefined;
    for (const { wake } of this.#options.stages)
      if (wake !== undefined && (earliest === undefined || wake < earliest)) earliest = wake;
    return earliest;
  }

  #admit(final: boolean, ids?: ReadonlySet<string>): void {
    const { group, stamps, origin, idle } = this.#options;
    const now = stamps.next();
    const due = ids ?? this.#asking(now);
    if (due.size === 0) return;
    // Taken now: before the transform gets the tick, a source may deliver a batch that comes after it.
    const idles = new Map([...due].map((id) => [id, idle(id)]));
    const admission = { checkpoint: undefined, bytes: 0, ingested: now, settled: undefined };
    const tick = { now, final, idle: (id: string) => idles.get(id) ?? 0 };
    group.admit(origin(due), { events: [], admission, tick });
  }
}
