import type { Data } from "./json.ts";

/** What a list of Kubernetes says once for all of its items: an `EventList` holds items of the kind `Event`. */
const itemDefaults = (kind: string, apiVersion: unknown): Data => ({
  ...(kind !== "List" && { kind: kind.slice(0, -"List".length) }),
  ...(typeof apiVersion === "string" && { apiVersion }),
});

/** The kind of list whose `kind` ends in `List`, as Kubernetes writes them; undefined for an object that is none. */
export const kubernetesList = (list: { get(name: string): unknown }): Data | undefined => {
  const kind = list.get("kind");
  return typeof kind === "string" && kind.endsWith("List") ? itemDefaults(kind, list.get("apiVersion")) : undefined;
};
