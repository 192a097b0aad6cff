import type { Data } from "weir";
import { isObject } from "weir/fields";
import { type Numbers, prune, put } from "./prune.ts";

/**
 * The audit event as it appears under `kubernetes.audit`: bodies without their metadata, annotations without dots in
 * their names, nothing empty (steps 4, 8 and 15 of Elastic's pipeline). The event itself is not changed.
 */
export const cleanAudit = (event: Data, numbers: Numbers): Data => {
  const audit: Record<string, unknown> = { ...event };
  for (const key in event) {
    const value = event[key];
    if (typeof value === "string" && value !== "") continue;
    const left = prune(rewrite(key, value), numbers, 1);
    if (left === undefined) delete audit[key];
    else if (left !== value) audit[key] = left;
  }
  return audit;
};

const rewrite = (key: string, value: unknown): unknown => {
  if (key === "annotations") return underscored(value);
  return key === "requestObject" || key === "responseObject" ? withoutMetadata(value) : value;
};

const withoutMetadata = (value: unknown): unknown => {
  if (!isObject(value) || value["metadata"] === undefined) return value;
  const { metadata: _, ...rest } = value;
  return rest;
};

/** Elasticsearch would interpret a dot in a name as a level of nesting. */
const underscored = (annotations: unknown): unknown => {
  if (!isObject(annotations)) return annotations;
  const renamed: Record<string, unknown> = {};
  for (const key in annotations) put(renamed, nameWithoutDots(key), annotations[key]);
  return renamed;
};

/** There are usually few annotation names. The cap protects against a cluster with many. */
const names = new Map<string, string>();
const nameWithoutDots = (name: string): string => {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (names.size >= 1_000) names.clear();
  const renamed = name.replaceAll(".", "_");
  names.set(name, renamed);
  return renamed;
};
