import { put } from "../fields/members.ts";
import { type Data, isObject } from "../json.ts";

/** Fields that belong to the alert. A source event must not be able to forge them. */
const reserved = ["kibana", "signal", "threshold_result", "weir"];

const dot = 0x2e;

const within = (key: string, parent: string): boolean =>
  key.startsWith(parent) && (key.length === parent.length || key.charCodeAt(parent.length) === dot);

/**
 * The data of the source event that an alert contains: all but the fields that belong to the alert. `outcome` becomes its
 * `event.outcome`, unless the event has one. A new object.
 */
export const sourceFields = (
  data: Data,
  { outcome }: { readonly outcome?: string | undefined } = {},
): Record<string, unknown> => {
  const fields: Record<string, unknown> = {};
  const event = isObject(data["event"]) ? data["event"] : {};
  const isAdded = outcome !== undefined && data["event.outcome"] === undefined;
  const own = isAdded ? { outcome, ...event, kind: "signal" } : { ...event, kind: "signal" };
  for (const key of Object.keys(data))
    if (key === "event") fields["event"] = own;
    else if (key !== "event.kind" && !reserved.some((one) => within(key, one))) put(fields, key, data[key]);
  fields["event"] = own;
  return fields;
};

/** Adds everything under `parent` to a document, as dotted keys under `prefix`; arrays stay whole. */
export const copyFields = (data: Data, parent: string, prefix: string, into: Record<string, unknown>): void => {
  for (const key of Object.keys(data))
    if (within(key, parent)) flatten(`${prefix}${key.slice(parent.length)}`, data[key], into);
};

const flatten = (path: string, value: unknown, into: Record<string, unknown>): void => {
  if (!isObject(value)) into[path] = value;
  else for (const key of Object.keys(value)) flatten(`${path}.${key}`, value[key], into);
};
