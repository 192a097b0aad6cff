import type { Event } from "../../event.ts";
import type { Flight } from "./flight.ts";

interface Slot {
  readonly flight: Flight;
  readonly parts: (readonly Event[] | undefined)[];
  readonly hasTick: boolean;
  missing: number;
}

/** One batch, as a component gets it. */
export interface Part {
  readonly flight: Flight;
  readonly events: readonly Event[];
  /** By how many inputs it came; each holds the flight once. */
  readonly parts: number;
  /** The component has asked for this tick. */
  readonly hasTick: boolean;
}

/** The inputs by which a batch will come to a component. */
export interface Expected {
  /** Indexes into the component's inputs. */
  readonly inputs: readonly number[];
  /** How many inputs the component has in all; a tick comes by one more, after them. */
  readonly width: number;
  readonly hasTick: boolean;
}

/**
 * Puts the parts of batches back in order before a component sees them: all parts of one batch, in the order of the
 * component's inputs, before any part of the next, whatever order the branches upstream finish in.
 */
export class Gate {
  /** By sequence; a Map keeps the order in which the batches were announced, which is that of their sequence. */
  readonly #slots = new Map<number, Slot>();

  expect(flight: Flight, { inputs, width, hasTick }: Expected): void {
    const missing = inputs.length + (hasTick ? 1 : 0);
    this.#slots.set(flight.sequence, { flight, parts: new Array(width + 1), hasTick, missing });
  }

  arrive(flight: Flight, input: number, events: readonly Event[]): void {
    const slot = this.#slots.get(flight.sequence);
    if (!slot || slot.parts[input]) throw new Error(`batch ${flight.sequence} came twice by input ${input}`);
    slot.parts[input] = events;
    slot.missing--;
  }

  /** The next batch in order, if all of it is there. */
  take(): Part | undefined {
    for (const [sequence, { flight, parts, hasTick, missing }] of this.#slots) {
      if (missing > 0) return undefined;
      this.#slots.delete(sequence);
      const present = parts.filter((part) => part !== undefined);
      const events = present.length === 1 ? present[0]! : present.flat();
      return { flight, events, parts: present.length, hasTick };
    }
    return undefined;
  }
}
