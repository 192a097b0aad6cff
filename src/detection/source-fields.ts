import { type Data, isObject } from "../json.ts";

/** Fields that belong to the alert. A source event must not be able to forge them. */
const reserved = ["kibana", "signal", "threshold_result", "weir"];

const within = (key: string, parent: string) => key === parent || key.startsWith(`${parent}.`);

/**
 * The data of the source event that an alert contains: all but the fields that belong to the alert. `outcome` becomes its
 * `event.outcome`, unless the event has one.
 */
export const sourceFields = (data: Data, { outcome }: { readonly outcome?: string | undefined } = {}): Data => {
  const kept = Object.entries(data).filter(
    ([key]) => key !== "event.kind" && !reserved.some((own) => within(key, own)),
  );
  const event = isObject(data["event"]) ? data["event"] : {};
  const added = outcome === undefined || data["event.outcome"] !== undefined ? {} : { outcome };
  return { ...Object.fromEntries(kept), event: { ...added, ...event, kind: "signal" } };
};

/** Everything under `parent`, as dotted keys under `prefix`; arrays stay whole. */
export const copyFields = (data: Data, parent: string, prefix: string): Data => {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(data))
    if (within(key, parent)) flatten(`${prefix}${key.slice(parent.length)}`, value, copy);
  return copy;
};

const flatten = (path: string, value: unknown, into: Record<string, unknown>): void => {
  if (!isObject(value)) into[path] = value;
  else for (const [key, inner] of Object.entries(value)) flatten(`${path}.${key}`, inner, into);
};
