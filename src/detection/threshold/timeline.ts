import type { Reached, Sighting, Wanted } from "./sightings.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** Sightings in the order of their times. To add one, or to look for a window, takes as long as it is late, in places. */
export class Timeline {
  /** Those before `#start` are left out already. */
  #all: Sighting[];
  #start = 0;
  #window = new SlidingWindow((place) => this.#all[this.#start + place]!);

  constructor(sightings: readonly Sighting[] = []) {
    this.#all = [...sightings];
  }

  get length(): number {
    return this.#all.length - this.#start;
  }

  slice(from: number, to: number): readonly Sighting[] {
    return this.#all.slice(this.#start + from, this.#start + to);
  }

  /** Adds a sighting, among equal times as the last one, and gives its place. */
  add(sighting: Sighting): number {
    let index = this.#all.length;
    while (index > this.#start && this.#all[index - 1]!.at > sighting.at) index--;
    if (index === this.#all.length) this.#all.push(sighting);
    else this.#all.splice(index, 0, sighting);
    const place = index - this.#start;
    this.#window.inserted(place);
    return place;
  }

  /** How many sightings are before a time. */
  before(time: number): number {
    return this.#first(this.length, (at) => at >= time);
  }

  /** How many sightings are up to a time. */
  upTo(time: number): number {
    return this.#first(this.length, (at) => at > time);
  }

  leaveOutFirst(count: number): void {
    this.#window.leaveOutFirst(count);
    this.#start += count;
    if (2 * this.#start < this.#all.length) return;
    this.#all = this.#all.slice(this.#start);
    this.#start = 0;
  }

  /**
   * The earliest window that holds what is wanted and contains the sighting at a place. The windows that end at a sighting
   * are enough: every other one holds no more than one of these.
   */
  reached(place: number, { value, cardinality, window }: Wanted): Reached | undefined {
    const latest = this.#at(place) + window;
    for (let last = place; last < this.length; last++) {
      const end = this.#at(last);
      if (end > latest) return undefined;
      // Of events at the same time, all belong to the window.
      if (last + 1 < this.length && this.#at(last + 1) === end) continue;
      const enough = last + 1 - value;
      if (enough < 0 || this.#at(enough) < end - window) continue;
      const first = this.#first(enough, (at) => at >= end - window);
      if (cardinality > 0 && this.#window.distinct(first, last + 1) < cardinality) continue;
      const count = this.slice(first, last + 1).reduce((sum, { weight }) => sum + weight, 0);
      const distinct = cardinality > 0 ? this.#window.distinct(first, last + 1) : 0;
      return { first: this.#at(first), last: end, count, distinct };
    }
    return undefined;
  }

  #at(place: number): number {
    return this.#all[this.#start + place]!.at;
  }

  /** The first place with a time for which `is` is true; it is for all later ones, and at this place at the latest. */
  #first(latest: number, is: (at: number) => boolean): number {
    let [low, high] = [0, latest];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (is(this.#at(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
