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
  /** Whether what comes out of one transform can come to another. */
  readonly reaches: (from: string, to: string) => boolean;
}

/** A timer is set anew after this, in milliseconds, so that a step of the clock is noticed. */
const longestSleep = 60_000;

/**
 * Makes time an input: a batch without events at the times that transforms asked for, in the order of batches. Where
 * nobody asks, there is no timer. At most one tick is uncommitted; what falls due meanwhile comes with the next.
 */
export class Ticker {
  readonly #options: TickerOptions;
  #isFinal = false;

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  /** Ticks until the last ticks come, the group takes nothing more in, or `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { group, stamps, stages, wakes } = this.#options;
    if (stages.length === 0) return;
    while (!this.#isFinal && group.isOpen && !signal.aborted) {
      const wake = this.#earliest();
      const left = wake === undefined ? undefined : wake - stamps.peek();
      if (left === undefined) await wakes.wait(signal);
      else if (left > 0) await this.#sleep(left, signal);
      else {
        await group.tickRoom(signal);
        if (!this.#isFinal && !signal.aborted) this.#admit(false);
        group.afterTick();
        // A transform that asks again and again for a time that has come must not keep everything else waiting.
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
   * The last ticks of a run whose sources have all ended. From the top: a transform gets its last tick when all that may
   * still send it events have had theirs, and another one if it wrote or emitted something and asks again at once.
   */
  async final(signal: AbortSignal): Promise<void> {
    const { group, stamps, stages, wakes } = this.#options;
    if (stages.length === 0) return;
    this.#isFinal = true;
    wakes.wake();
    // What is on its way may ask for a tick yet.
    await group.idle(signal);
    /** The epoch in which each was asked last: a final tick that said something has ended it. */
    const asked = new Map<string, number>();
    const hasMore = ({ id, wake, epoch }: KeepStage, now: number) =>
      !asked.has(id) || (asked.get(id) !== epoch && wake! <= now);
    for (;;) {
      const now = stamps.peek();
      const next = this.#first(this.#asking().filter((stage) => hasMore(stage, now)));
      if (next.length === 0 || signal.aborted) return;
      for (const { id, epoch } of next) asked.set(id, epoch);
      this.#admit(true, new Set(next.map(({ id }) => id)));
      await group.idle(signal);
    }
  }

  /** Those that none of the others can send events to. */
  #first(asking: readonly KeepStage[]): readonly KeepStage[] {
    const { reaches } = this.#options;
    return asking.filter(({ id }) => !asking.some((other) => other.id !== id && reaches(other.id, id)));
  }

  /** The transforms that ask for a tick, up to a time if one is given. */
  #asking(until = Number.POSITIVE_INFINITY): readonly KeepStage[] {
    return this.#options.stages.filter(({ wake }) => wake !== undefined && wake <= until);
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
    const due = ids ?? new Set(this.#asking(now).map(({ id }) => id));
    if (due.size === 0) return;
    // As it is now: by the time that a transform gets the tick, a source may have given something that comes after it.
    const idles = new Map([...due].map((id) => [id, idle(id)]));
    const admission = { checkpoint: undefined, bytes: 0, ingested: now, settled: undefined };
    const tick = { now, final, idle: (id: string) => idles.get(id) ?? 0 };
    group.admit(origin(due), { events: [], admission, tick });
  }
}
