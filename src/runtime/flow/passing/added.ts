import { type Data, isObject } from "../../../json.ts";

/** Where `annotateFor` adds fields of the sources that weir has: see there. */
const added: ReadonlySet<string> = new Set([
  "host",
  "log",
  "labels",
  "event.ingested",
  "kafka",
  "kubernetes.namespace",
  "kubernetes.pod",
  "kubernetes.container",
  "kubernetes.node",
  "kubernetes.labels",
  "kubernetes.annotations",
  ...["deployment", "replicaset", "statefulset", "daemonset", "job", "cronjob"].map((kind) => `kubernetes.${kind}`),
  "container",
]);

/** Whether a field is, is part of, or has as its part a field that may be added to events. */
export const isAdded = (path: string): boolean =>
  [...added].some((field) => field === path || field.startsWith(`${path}.`) || path.startsWith(`${field}.`));

/** Whether all fields that a source says of its records are fields that may be added. A plugin may say anything. */
export const isCovered = (origin: Data, before = ""): boolean =>
  Object.entries(origin).every(([name, value]) => {
    const path = `${before}${name}`;
    if (added.has(path)) return true;
    return isObject(value) && Object.keys(value).length > 0 && isCovered(value, `${path}.`);
  });
