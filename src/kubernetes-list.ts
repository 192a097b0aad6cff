import type { Data } from "./json.ts";

/** The members that the items of a Kubernetes list inherit: an `EventList` contains items of the kind `Event`. */
const itemDefaults = (kind: string, apiVersion: unknown): Data => ({
  ...(kind !== "List" && { kind: kind.slice(0, -"List".length) }),
  ...(typeof apiVersion === "string" && { apiVersion }),
});

/** Recognises Kubernetes lists, whose `kind` ends in `List`; undefined for any other object. */
export const kubernetesList = (list: { get(name: string): unknown }): Data | undefined => {
  const kind = list.get("kind");
  return typeof kind === "string" && kind.endsWith("List") ? itemDefaults(kind, list.get("apiVersion")) : undefined;
};
