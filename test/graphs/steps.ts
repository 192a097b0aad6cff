import type { Data } from "weir";

/** Functions of the data that the steps of a random graph share with the oracle. */
export const numberOf = (data: Data): number => Number(data["v"] ?? 0);
export const keyOf = (data: Data): string => String(data["key"]);
export const named = (data: Data, name: string, value: number): Data => ({ ...data, [name]: value });
export const copiesOf = (data: Data, size: number): number => (numberOf(data) + size) % 4;
export const padding = (length: number): string => "x".repeat(length);
export const waitOf = (data: Data): number => numberOf(data) % 4;
/** How long a first sighting counts, in milliseconds, for each unit of size. */
export const ttl = 1500;

/** Outputs that the router sends an event to; none is the default one. */
export const outputFor = (data: Data): readonly string[] =>
  [[], ["a"], ["b"], ["a", "b"]][numberOf(data) % 4] as readonly string[];

export const routed = (data: Data, id: string, output: string): Data => ({ ...data, [id]: output });

export const windowOf = (ingested: number, length: number, key: string): string =>
  `${String(Math.floor(ingested / length) * length).padStart(15, "0")}/${key}`;

/** The quota of the step that fills its state, in bytes. */
export const quota = 90;
