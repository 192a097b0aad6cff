import { type Chunk, Chunks } from "./chunks.ts";
import type { Sighting } from "./sightings.ts";
import { encodeGroup } from "./stored.ts";
import { Timeline } from "./timeline.ts";

export interface GroupParts {
  readonly alerted: number | undefined;
  readonly newest: number;
  readonly sightings: readonly Sighting[];
  readonly chunks: readonly Chunk[];
  /** How often it was stored with chunks. */
  readonly changes: number;
}

/** What is known of the events with the same values in the fields of a rule. */
export class Group {
  #alerted: number | undefined;
  #newest: number;
  #timeline: Timeline;
  readonly #chunks: Chunks;
  #changes: number;
  #thinned = 0;

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

  /** How many were left when some were last left out because they make no difference. */
  get thinned(): number {
    return this.#thinned;
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

  /** Has these sightings in place of those that it has: the others make no difference. */
  thin(sightings: readonly Sighting[]): void {
    this.#leaveOutFirst(this.#timeline.length);
    this.#timeline = new Timeline(sightings);
    this.#thinned = sightings.length;
  }

  /** The group as it is to be stored, another text after each change, and what has changed of its chunks since the last time. */
  changes(): { readonly text: string } & ReturnType<Chunks["changes"]> {
    const { length } = this.#timeline;
    const changes = this.#chunks.changes(length);
    const [alerted, newest, chunks] = [this.#alerted, this.#newest, this.#chunks.text];
    if (chunks !== "") this.#changes++;
    const sightings = this.#timeline.slice(this.#chunks.length, length);
    return { ...changes, text: encodeGroup({ alerted, newest, chunks, changes: this.#changes, sightings }) };
  }

  #leaveOutFirst(count: number, isNow = false): void {
    if (count === 0) return;
    this.#timeline.leaveOutFirst(count);
    this.#chunks.leftOutFirst(count, isNow);
  }
}
