import type { Event } from "../event.ts";
import type { Flight } from "./flight.ts";

interface Slot {
  readonly flight: Flight;
  readonly parts: (readonly Event[] | undefined)[];
  missing: number;
}

/**
 * Puts the parts of batches back in order before a component sees them: all parts of one batch, in the order of the
 * component's inputs, before any part of the next, whatever order the branches upstream finish in.
 */
export class Gate {
  /** By sequence; a Map keeps the order in which the batches were announced, which is that of their sequence. */
  readonly #slots = new Map<number, Slot>();

  /** A batch will come, by each of `inputs` (indexes into the component's inputs; `width` of them in all). */
  expect(flight: Flight, inputs: readonly number[], width: number): void {
    this.#slots.set(flight.sequence, { flight, parts: new Array(width), missing: inputs.length });
  }

  arrive(flight: Flight, input: number, events: readonly Event[]): void {
    const slot = this.#slots.get(flight.sequence);
    if (!slot || slot.parts[input]) throw new Error(`batch ${flight.sequence} came twice by input ${input}`);
    slot.parts[input] = events;
    slot.missing--;
  }

  /** The next batch in order if all of it is there, with the number of parts it came in. */
  take(): { readonly flight: Flight; readonly events: readonly Event[]; readonly parts: number } | undefined {
    for (const [sequence, { flight, parts, missing }] of this.#slots) {
      if (missing > 0) return undefined;
      this.#slots.delete(sequence);
      const present = parts.filter((part) => part !== undefined);
      return { flight, events: present.length === 1 ? present[0]! : present.flat(), parts: present.length };
    }
    return undefined;
  }
}
