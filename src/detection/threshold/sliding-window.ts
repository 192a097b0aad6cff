import type { Sighting } from "./sightings.ts";

/** Counts the different values in a part of a list that changes. To move it takes as long as it is moved, in places. */
export class SlidingWindow {
  readonly #sighting: (place: number) => Sighting;
  readonly #counts = new Map<string, number>();
  /** The part: `#to` is the place after its last sighting. */
  #from = 0;
  #to = 0;

  constructor(sighting: (place: number) => Sighting) {
    this.#sighting = sighting;
  }

  /** Moves to this part of the list, and counts the different values in it. */
  distinct(from: number, to: number): number {
    while (this.#from > from) this.#add(--this.#from);
    while (this.#to < to) this.#add(this.#to++);
    while (this.#from < from) this.#remove(this.#from++);
    while (this.#to > to) this.#remove(--this.#to);
    return this.#counts.size;
  }

  /** The list has a new sighting at this place. */
  inserted(place: number): void {
    if (place >= this.#to) return;
    this.#to++;
    if (place <= this.#from) this.#from++;
    else this.#add(place);
  }

  /** The list is about to lose its first sightings. */
  leaveOutFirst(count: number): void {
    while (this.#from < Math.min(count, this.#to)) this.#remove(this.#from++);
    this.#from = Math.max(0, this.#from - count);
    this.#to = Math.max(0, this.#to - count);
  }

  #add(place: number): void {
    for (const value of this.#sighting(place).values) this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }

  #remove(place: number): void {
    for (const value of this.#sighting(place).values) {
      const left = this.#counts.get(value)! - 1;
      if (left === 0) this.#counts.delete(value);
      else this.#counts.set(value, left);
    }
  }
}
