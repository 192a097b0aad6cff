import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../clock.ts";
import type { Group, Origin } from "./group.ts";
import type { KeepStage } from "./stages/keep-stage.ts";
import type { Stamps } from "./stamp.ts";
import type { Waiters } from "./waiters.ts";

export interface TickerOptions {
  readonly group: Group;
  /** The transforms that may ask for ticks. */
  readonly stages: readonly KeepStage[];
  readonly origin: (ids: ReadonlySet<string>) => Origin;
  readonly stamps: Stamps;
  readonly clock: Clock;
  /** Woken when a transform asks for another time. */
  readonly wakes: Waiters;
  /** For how long every source that reaches a component has had nothing to give, in milliseconds. */
  readonly idle: (component: string) => number;
}

/** A timer is set anew after this, in milliseconds, so that a step of the clock is noticed. */
const longestSleep = 60_000;

/**
 * Makes time an input: a batch without events at the times that transforms asked for, in the order of batches. Where
 * nobody asks, there is no timer. At most one tick is uncommitted; what falls due meanwhile comes with the next.
 */
export class Ticker {
  readonly #options: TickerOptions;
  /** Aborts with the last ticks: no others come after them. */
  readonly #ending = new AbortController();

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  /** Ticks until `over` aborts, or the last ticks come, or nothing more is taken in. */
  async run(over: AbortSignal): Promise<void> {
    const { group, stamps, stages, wakes } = this.#options;
    if (stages.length === 0) return;
    const signal = AbortSignal.any([over, this.#ending.signal]);
    while (!signal.aborted && group.isOpen) {
      const wake = this.#earliest();
      const left = wake === undefined ? undefined : wake - stamps.peek();
      if (left === undefined) await wakes.wait(signal);
      else if (left > 0) await this.#sleep(left, signal);
      else {
        await group.tickRoom(signal);
        if (!signal.aborted) this.#admit(false);
        group.afterTick();
        // A transform may ask for the next at once, for ever: others have their turn between two ticks.
        await nextTurn();
      }
    }
  }

  /** Until a tick is due, or a transform asks for another time. */
  async #sleep(left: number, signal: AbortSignal): Promise<void> {
    const { clock, wakes } = this.#options;
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    await Promise.race([clock.sleep(Math.min(left, longestSleep), either), wakes.wait(either)]);
    over.abort();
  }

  /**
   * The last ticks of a run whose sources have all ended: one for each transform that asks, and more while it is full.
   * They come in the order of the graph, as what a transform says may make one behind it ask.
   */
  async final(signal: AbortSignal): Promise<void> {
    const { group, stages } = this.#options;
    if (stages.length === 0) return;
    this.#ending.abort();
    // What is on its way may ask for a tick yet.
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
    // As it is now: by the time that a transform gets the tick, a source may have given something that comes after it.
    const idles = new Map([...due].map((id) => [id, idle(id)]));
    const admission = { checkpoint: undefined, bytes: 0, ingested: now, settled: undefined };
    const tick = { now, final, idle: (id: string) => idles.get(id) ?? 0 };
    group.admit(origin(due), { events: [], admission, tick });
  }
}
