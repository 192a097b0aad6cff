import type { Event } from "../../event.ts";
import type { Flight } from "./flight.ts";

interface Slot {
  readonly flight: Flight;
  readonly parts: (readonly Event[] | undefined)[];
  readonly hasTick: boolean;
  missing: number;
}

/** One batch with all of its parts for a component. */
export interface Part {
  readonly flight: Flight;
  readonly events: readonly Event[];
  /** Number of inputs that it came through. Each of them holds one claim on the flight. */
  readonly parts: number;
  /** Whether the batch is a tick for this component. */
  readonly hasTick: boolean;
}

/** The inputs through which a batch will reach a component. */
export interface Expected {
  /** Indexes into the component's inputs. */
  readonly inputs: readonly number[];
  /** Number of all inputs of the component. A tick comes through one more, after them. */
  readonly width: number;
  readonly hasTick: boolean;
}

/**
 * Restores the order of batches in front of a component. The component gets all parts of one batch, in the order of its
 * inputs, before any part of the next batch, in whatever order the branches upstream finish.
 */
export class Gate {
  /** By sequence. Batches are announced in the order of their sequence, and a Map keeps that order. */
  readonly #slots = new Map<number, Slot>();

  expect(flight: Flight, { inputs, width, hasTick }: Expected): void {
    const missing = inputs.length + (hasTick ? 1 : 0);
    this.#slots.set(flight.sequence, { flight, parts: new Array(width + 1), hasTick, missing });
  }

  arrive(flight: Flight, input: number, events: readonly Event[]): void {
    const slot = this.#slots.get(flight.sequence);
    if (!slot || slot.parts[input]) throw new Error(`batch ${flight.sequence} arrived twice on input ${input}`);
    slot.parts[input] = events;
    slot.missing--;
  }

  /** Removes and returns the next batch in order, if all of its parts have arrived. */
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
