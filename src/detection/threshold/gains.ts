import type { Sighting } from "./sightings.ts";

/** Ends of windows, in milliseconds since 1970: later than `after`, earlier than `before`. */
export interface Ends {
  readonly after: number;
  readonly before: number;
}

export const anyEnd: Ends = { after: Number.NEGATIVE_INFINITY, before: Number.POSITIVE_INFINITY };

const none: Ends = { after: Number.POSITIVE_INFINITY, before: Number.NEGATIVE_INFINITY };

/**
 * The ends of all windows in which the sighting at a place has a value that no other sighting in them has. Others may be
 * among them: it looks back no farther than as many places as there are after this one. Times are in milliseconds.
 */
export const endsThatGain = (
  sightings: { readonly length: number; at(place: number): Sighting },
  place: number,
  window: number,
): Ends => {
  const { at, values } = sightings.at(place);
  const oldest = Math.max(0, place - (sightings.length - 1 - place));
  return values.reduce((ends, value) => {
    let before = place - 1;
    while (before >= oldest && !sightings.at(before).values.includes(value)) before--;
    let after = place + 1;
    while (after < sightings.length && !isEnd(sightings.at(after), value, at + window)) after++;
    const from = before >= oldest ? sightings.at(before).at + window : Number.NEGATIVE_INFINITY;
    const to = after < sightings.length ? sightings.at(after).at : Number.POSITIVE_INFINITY;
    return from >= to ? ends : { after: Math.min(ends.after, from), before: Math.max(ends.before, to) };
  }, none);
};

/** Whether a sighting has the value, or is too late to be in a window with the one in question. */
const isEnd = ({ at, values }: Sighting, value: string, latest: number): boolean =>
  at > latest || values.includes(value);
