import type { State } from "../state.ts";
import type { Tick } from "../transform/transform.ts";
import { type Axis, axisOf } from "./axis.ts";
import { ingestionAxis } from "./event-time.ts";

/** The axes of the rules: one for each field with a time. */
export class Axes {
  readonly #state: State;
  readonly #axes = new Map<string, Axis>();

  constructor(state: State) {
    this.#state = state;
  }

  of(timestamp: string): Axis {
    // No id of a rule begins like this, and a scope has no "/" in its name.
    const name = `axis ${timestamp.replaceAll("/", "|")}`;
    const axis = this.#axes.get(timestamp) ?? axisOf(timestamp, this.#state.scope(name));
    this.#axes.set(timestamp, axis);
    return axis;
  }

  ofEvents(): readonly Axis[] {
    return [...this.#axes].flatMap(([timestamp, axis]) => (timestamp === ingestionAxis ? [] : axis));
  }

  /** The time on each axis at a tick. */
  at(tick: Tick): ReadonlyMap<string, number> {
    return new Map([...this.#axes].map(([timestamp, axis]) => [timestamp, axis.now(tick)]));
  }
}
