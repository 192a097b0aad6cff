import type { Sighting } from "./sightings.ts";

/** What is known of the events with the same values in the fields of a rule. */
export interface Group {
  /** Events up to this time, in milliseconds since 1970, belong to an alert already. */
  readonly alerted: number | undefined;
  /** The latest time of an event. */
  readonly newest: number;
  /** The events that can still be part of an alert, in the order of their times. */
  readonly sightings: readonly Sighting[];
}

/** A group as compact JSON: a sighting that stands for itself and has no values is its time alone. */
export const encodeGroup = ({ alerted, newest, sightings }: Group): string =>
  JSON.stringify([
    alerted ?? null,
    newest,
    ...sightings.map(({ at, weight, values }) => (weight === 1 && values.length === 0 ? at : [at, weight, ...values])),
  ]);

type Written = number | readonly [at: number, weight: number, ...values: string[]];

export const decodeGroup = (text: string): Group => {
  const [alerted, newest, ...sightings] = JSON.parse(text) as [number | null, number, ...Written[]];
  return { alerted: alerted ?? undefined, newest, sightings: sightings.map(sighting) };
};

const sighting = (written: Written): Sighting => {
  if (typeof written === "number") return { at: written, weight: 1, values: [] };
  const [at, weight, ...values] = written;
  return { at, weight, values };
};
