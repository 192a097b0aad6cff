import { Lane, type LaneOptions } from "./lane.ts";
import type { Part } from "./open-text.ts";

/** Where to continue reading a stream. */
export interface Place {
  /** Byte offset of the first record that is not dealt with. */
  readonly position: number;
  /** Lanes that are further: up to which offset their records are dealt with. */
  readonly beyond?: Readonly<Record<string, number>>;
}

/** The lane of records that are none, which goes to the dead letter at once. */
export const aside = "";

/** The most lanes of a stream. */
const mostLanes = 16;

/**
 * Joins the records of each of the lanes that take turns in a stream. A lane may be in the middle of a text while others
 * have passed on later records, so a place says how far each of them is.
 */
export class Joiner {
  readonly #options: LaneOptions;
  readonly #lanes = new Map<string, Lane>();
  /** Up to where the records of a lane were dealt with before the restart. */
  readonly #dealtWith: ReadonlyMap<string, number>;
  /** The offset of the record that is being added: those before it were added. */
  #here = 0;

  constructor(options: LaneOptions, beyond: Place["beyond"] = {}) {
    this.#options = options;
    this.#dealtWith = new Map(Object.entries(beyond));
  }

  /** Whether a record was dealt with before the restart. */
  isDealtWith(lane: string, position: number): boolean {
    return position < (this.#dealtWith.get(lane) ?? 0);
  }

  /** `at`: the time. */
  add(lane: string, part: Part, at: number): void {
    if (this.isDealtWith(lane, part.position)) return;
    this.#here = part.position;
    this.#lane(lane).add(part, at);
  }

  /** Calls `pass`, which deals with a record that is not joined with others. */
  passAside(position: number, pass: () => void): void {
    if (this.isDealtWith(aside, position)) return;
    this.#here = position;
    this.#lane(aside);
    pass();
  }

  /** Passes on what is open in the lanes whose last record was not after `until`; `here`: the offset that was reached. */
  close(here: number, until = Number.POSITIVE_INFINITY): void {
    this.#here = here;
    for (const lane of this.#lanes.values()) if ((lane.since ?? until + 1) <= until) lane.close();
  }

  /** The time of the last record of the lane that has waited longest; undefined if nothing is open. */
  get since(): number | undefined {
    let earliest: number | undefined;
    for (const { since } of this.#lanes.values())
      if (since !== undefined && (earliest === undefined || since < earliest)) earliest = since;
    return earliest;
  }

  /** Where to continue if what was passed on so far is dealt with. `here`: the offset of the first record not added. */
  placeAt(here = this.#here): Place {
    const starts = [...this.#lanes.values()].map(({ start }) => start ?? here);
    const position = Math.min(here, ...starts);
    const reached = new Map(this.#dealtWith);
    for (const [name, { start = here }] of this.#lanes)
      reached.set(name, Math.max(start, this.#dealtWith.get(name) ?? 0));
    const beyond = [...reached].filter(([, offset]) => offset > position);
    return beyond.length === 0 ? { position } : { position, beyond: Object.fromEntries(beyond) };
  }

  #lane(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known) return known;
    if (this.#lanes.size >= mostLanes) {
      for (const lane of this.#lanes.values()) lane.close();
      this.#lanes.clear();
    }
    const lane = new Lane(this.#options);
    this.#lanes.set(name, lane);
    return lane;
  }
}
