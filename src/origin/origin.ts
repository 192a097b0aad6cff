import type { DecoderOptions } from "../decode/decoder.ts";
import { merged } from "../fields/members.ts";
import type { Data } from "../json.ts";
import type { Reading } from "../plugin.ts";
import { type Annotate, addLabels, addOrigin } from "./annotate.ts";
import { pathFields } from "./path-fields.ts";

/** When weir adds to events where they are from. `auto`: to all but JSON documents. */
export const originModes = ["auto", "always", "never"] as const;
export type OriginMode = (typeof originModes)[number];

/** What is added to the events of a source. */
export interface OriginOptions {
  readonly mode: OriginMode;
  /** The name of the machine. */
  readonly host: string;
  /** Labels for every event. */
  readonly labels?: Data | undefined;
}

/** Where the records of a stream are from, if its source says so. */
export const originOf = ({
  path,
  link,
  peer,
  origin,
}: Pick<Reading, "path" | "link" | "peer" | "origin">): Data | undefined => {
  const known = peer !== undefined ? peerFields(peer) : path !== undefined ? pathFields(path, link) : undefined;
  return known && origin ? merged(known, origin) : (origin ?? known);
};

/** The fields that say who sent a record. A sender that does not name itself is named by its address. */
const peerFields = (peer: string): Data => ({
  log: { source: { address: peer } },
  host: { name: peer.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1") },
});

/** Whether events that `codec` reads get fields that say where they are from. */
export const addsOrigin = (codec: DecoderOptions["codec"], { mode }: Pick<OriginOptions, "mode">): boolean =>
  mode === "always" || (mode === "auto" && codec !== "json");

/** What a decoder adds to events that `codec` reads; undefined if that is nothing. */
export const annotateFor = (codec: DecoderOptions["codec"], added: OriginOptions): Annotate | undefined => {
  const { host, labels } = added;
  const hasLabels = labels !== undefined && Object.keys(labels).length > 0;
  const label = hasLabels ? addLabels(labels) : undefined;
  if (!addsOrigin(codec, added)) return label;
  const add = addOrigin(host);
  return label ? (data, meta) => label(add(data, meta), meta) : add;
};
