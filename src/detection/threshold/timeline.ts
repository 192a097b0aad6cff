import { anyEnd, endsThatGain } from "./gains.ts";
import type { Reached, Sighting, Wanted } from "./sightings.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** To look where each of more values is would take longer than to look at all windows. */
const fewValues = 3;

/** Sightings in the order of their times. To look for a window takes as long as a sighting is late, in places, at most. */
export class Timeline {
  /** Those before `#start` are left out already. */
  #all: Sighting[];
  #start = 0;
  readonly #window = new SlidingWindow((place) => this.#all[this.#start + place]!);

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
    const isLatest = this.length === 0 || this.at(this.length - 1).at <= sighting.at;
    const place = isLatest ? this.length : this.upTo(sighting.at);
    if (isLatest) this.#all.push(sighting);
    else this.#all.splice(this.#start + place, 0, sighting);
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
   * The earliest window that holds what is wanted and contains the sighting at a place, which was added just now. The
   * windows that end at a sighting are enough: every other one holds no more than one of these. If it is late, those are
   * passed over that had enough sightings before and get no new value: they did not hold what is wanted then, either.
   */
  reached(place: number, { value, cardinality, window }: Wanted): Reached | undefined {
    const latest = this.at(place).at + window;
    const isLate = cardinality > 0 && place < this.length - 1;
    const gains = isLate && this.at(place).values.length <= fewValues ? endsThatGain(this, place, window) : anyEnd;
    for (let last = place; last < this.length; last++) {
      const end = this.at(last).at;
      if (end > latest) return undefined;
      // Of events at the same time, all belong to the window.
      if (last + 1 < this.length && this.at(last + 1).at === end) continue;
      const enough = last + 1 - value;
      if (enough < 0 || this.at(enough).at < end - window) continue;
      const isGain = end > gains.after && end < gains.before;
      if (!isGain && enough > 0 && this.at(enough - 1).at >= end - window) {
        const next = end <= gains.after ? gains.after : latest;
        last = this.upTo(Math.min(next, this.at(enough - 1).at + window)) - 1;
        continue;
      }
      const first = this.#first(enough, (at) => at >= end - window);
      if (cardinality > 0 && this.#window.distinct(first, last + 1) < cardinality) continue;
      const count = this.slice(first, last + 1).reduce((sum, { weight }) => sum + weight, 0);
      const distinct = cardinality > 0 ? this.#window.distinct(first, last + 1) : 0;
      return { first: this.at(first).at, last: end, count, distinct };
    }
    return undefined;
  }

  at(place: number): Sighting {
    return this.#all[this.#start + place]!;
  }

  /** The first place with a time for which `is` is true; it is for all later ones, and at this place at the latest. */
  #first(latest: number, is: (at: number) => boolean): number {
    let [low, high] = [0, latest];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (is(this.at(middle).at)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
