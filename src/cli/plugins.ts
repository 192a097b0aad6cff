import { codecs, plugins } from "../../plugins/index.ts";
import type { Plugin } from "../plugin.ts";

/** This is the only file under `src` that imports plugins. */
export { codecs, plugins };

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

/** For the plugins among these, data is neither frozen nor checked; for all others it is. */
export const trusted: ReadonlySet<Plugin> = new Set(
  plugins.filter(({ kind, name }) => kind === "transform" && checked.has(name)),
);
