import type { Data } from "weir";
import { isObject } from "weir/fields";
import type { EnvelopeContext } from "./document.ts";
import { timeOf } from "./time.ts";

/** Members in which shippers store when they read a record. This time becomes the document's @timestamp. */
const timeMembers = ["@timestamp", "date", "time"] as const;

/** Reads the members that a shipper put around or beside an event. */
export const around = (fields: Data): EnvelopeContext => {
  const left: Record<string, unknown> = { ...fields };
  let timestamp: string | undefined;
  for (const name of timeMembers) {
    if (left[name] === undefined) continue;
    timestamp ??= timeOf(left[name]);
    delete left[name];
  }
  const { event } = left;
  if (isObject(event) && event["original"] !== undefined) {
    const { original: _, ...rest } = event;
    left["event"] = rest;
  }
  return { ...(Object.keys(left).length > 0 && { fields: left }), ...(timestamp && { timestamp }) };
};
