import type { Plugin } from "../plugin.ts";

/** Transforms that have been shown to leave frozen data alone, and to send only what JSON can carry, also from hostile events. */
const checked = new Set([
  "aggregate",
  "alert",
  "dedupe",
  "detection",
  "filter",
  "kubernetes_audit",
  "new_terms",
  "ocsf",
  "redact",
  "reduce",
  "remap",
  "route",
  "sample",
  "throttle",
]);

/** Whether data needs to be neither frozen nor checked for a plugin that comes with weir; for all others it is. */
export const isTrusted = ({ kind, name }: Pick<Plugin, "kind" | "name">): boolean =>
  kind === "transform" && checked.has(name);
