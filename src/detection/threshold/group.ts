import { type Chunk, Chunks } from "./chunks.ts";
import { merge } from "./merge.ts";
import type { Sighting, Wanted } from "./sightings.ts";
import { encodeGroup, sightingsText, sightingText } from "./stored.ts";
import { thin } from "./thin.ts";
import { Timeline } from "./timeline.ts";

export interface GroupParts {
  readonly alerted: number | undefined;
  readonly newest: number;
  readonly sightings: readonly Sighting[];
  readonly chunks: readonly Chunk[];
  /** How often it was stored with chunks. */
  readonly changes: number;
}

/** To look for what can be left out of fewer sightings is not worth it. */
const manySightings = 128;

/** What is known of the events with the same values in the fields of a rule. */
export class Group {
  #alerted: number | undefined;
  #newest: number;
  #timeline: Timeline;
  readonly #chunks: Chunks;
  #changes: number;
  #shortened = 0;
  /** The text of the sightings that are in no chunk, if it is known. */
  #rest: string | undefined;

  constructor({ alerted, newest, sightings, chunks, changes }: GroupParts) {
    this.#alerted = alerted;
    this.#newest = newest;
    this.#timeline = new Timeline(sightings);
    this.#chunks = new Chunks(chunks);
    this.#changes = changes;
  }

  /** Events up to this time, in milliseconds since 1970, belong to an alert already. */
  get alerted(): number | undefined {
    return this.#alerted;
  }

  /** The latest time of an event. */
  get newest(): number {
    return this.#newest;
  }

  /** The events that can still be part of an alert. */
  get timeline(): Omit<Timeline, "add" | "leaveOutFirst"> {
    return this.#timeline;
  }

  /** Forgets all, and begins again with this as the latest time. */
  begin(newest: number): void {
    this.#leaveOutFirst(this.#timeline.length);
    this.#alerted = undefined;
    this.#newest = newest;
  }

  /** Adds an event, and gives its place in the timeline. */
  add(sighting: Sighting): number {
    this.#newest = Math.max(this.#newest, sighting.at);
    const place = this.#timeline.add(sighting);
    if (this.#rest !== undefined && place === this.#timeline.length - 1)
      this.#rest += (this.#rest === "" ? "" : ",") + sightingText(sighting);
    else if (place >= this.#chunks.length) this.#rest = undefined;
    this.#chunks.inserted(place);
    return place;
  }

  /** Events before this time are too old to be part of an alert. */
  leaveOutBefore(time: number): void {
    this.#leaveOutFirst(this.#timeline.before(time));
  }

  /** An alert was raised about the events up to this time. */
  raised(time: number): void {
    this.#alerted = time;
    this.#leaveOutFirst(this.#timeline.upTo(time), true);
  }

  /**
   * Leaves out what no alert can depend on, once there are many more sightings than after the last time. If there are more
   * than `mostExact` even so, leaves out what rarely makes a difference, and gives how many sightings these were.
   */
  shorten(wanted: Wanted, mostExact: number): number {
    if (this.#timeline.length < 2 * this.#shortened + manySightings) return 0;
    const all = this.#timeline.slice(0, this.#timeline.length);
    const merged = merge(all, wanted.value);
    const left = merged.length > mostExact ? thin(merged, wanted) : merged;
    this.#shortened = left.length;
    if (left.length < all.length) {
      this.#leaveOutFirst(all.length);
      this.#timeline = new Timeline(left);
      this.#rest = undefined;
    }
    return merged.length - left.length;
  }

  /** The group as it is to be stored, another text after each change, and what has changed of its chunks since the last time. */
  changes(): { readonly text: string } & ReturnType<Chunks["changes"]> {
    const { length } = this.#timeline;
    const before = this.#chunks.length;
    const changes = this.#chunks.changes(length);
    if (this.#chunks.length > before) this.#rest = undefined;
    this.#rest ??= sightingsText(this.#timeline.slice(this.#chunks.length, length));
    const [alerted, newest, chunks, sightings] = [this.#alerted, this.#newest, this.#chunks.text, this.#rest];
    if (chunks !== "") this.#changes++;
    return { ...changes, text: encodeGroup({ alerted, newest, chunks, changes: this.#changes, sightings }) };
  }

  #leaveOutFirst(count: number, isNow = false): void {
    if (count === 0) return;
    if (count > this.#chunks.length) this.#rest = undefined;
    this.#timeline.leaveOutFirst(count);
    this.#chunks.leftOutFirst(count, isNow);
  }
}
