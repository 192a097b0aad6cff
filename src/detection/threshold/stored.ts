import type { Sighting } from "./sightings.ts";

type Written = number | readonly [at: number, weight: number, ...values: string[]];

/** A sighting that stands for itself and has no values is its time alone. */
const written = ({ at, weight, values }: Sighting): Written =>
  weight === 1 && values.length === 0 ? at : [at, weight, ...values];

const none: readonly string[] = [];

const sighting = (given: Written): Sighting => {
  if (typeof given === "number") return { at: given, weight: 1, values: none };
  const [at, weight, ...values] = given;
  return { at, weight, values };
};

/** A group as it is stored. */
export interface StoredGroup {
  readonly alerted: number | undefined;
  readonly newest: number;
  /** The ids of its chunks as text; empty without chunks. */
  readonly chunks: string;
  /** How often it was stored with chunks. */
  readonly changes: number;
  /** The latest of its sightings, which are in no chunk. */
  readonly sightings: readonly Sighting[];
}

/** Compact JSON without its brackets. */
export const sightingsText = (sightings: readonly Sighting[]): string => sightings.map(sightingText).join(",");

export const sightingText = (given: Sighting): string => {
  const value = written(given);
  return typeof value === "number" ? String(value) : JSON.stringify(value);
};

/**
 * Compact JSON. Before there were chunks, all groups were stored as those without chunks are. `sightings` is the text of
 * sightings.
 */
export const encodeGroup = ({
  alerted,
  newest,
  chunks,
  changes,
  sightings,
}: Omit<StoredGroup, "sightings"> & { readonly sightings: string }): string => {
  const parts = [`${alerted ?? null},${newest}`];
  if (chunks !== "") parts.push(`${JSON.stringify(chunks)},${changes}`);
  if (sightings !== "") parts.push(sightings);
  return `[${parts.join(",")}]`;
};

export const decodeGroup = (text: string): StoredGroup => {
  type Stored = readonly [alerted: number | null, newest: number, ...(Written | string)[]];
  const [alerted, newest, ...rest] = JSON.parse(text) as Stored;
  const group = { alerted: alerted ?? undefined, newest };
  const [chunks, changes] = rest;
  if (typeof chunks !== "string")
    return { ...group, chunks: "", changes: 0, sightings: (rest as readonly Written[]).map(sighting) };
  const sightings = (rest.slice(2) as readonly Written[]).map(sighting);
  return { ...group, chunks, changes: changes as number, sightings };
};

export const encodeChunk = (sightings: readonly Sighting[]): string => JSON.stringify(sightings.map(written));

export const decodeChunk = (text: string): readonly Sighting[] =>
  (JSON.parse(text) as readonly Written[]).map(sighting);
