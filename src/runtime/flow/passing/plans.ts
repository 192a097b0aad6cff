import { annotateFor } from "../../../origin/origin.ts";
import type { Planned } from "../../../scan/plan-of.ts";
import type { SourceComponent, Topology } from "../../../topology/topology.ts";
import type { Foretold } from "../../../transform/passing-of.ts";
import { addedTo } from "../deployment.ts";
import { plannedFor, unscanned } from "./passing-over.ts";
import { type Taker, waysFrom } from "./ways.ts";

/** What a source looks for in its records, or why each of them becomes an event. */
export interface SourcePlan {
  readonly source: SourceComponent;
  readonly planned: Planned | readonly Taker[];
}

/** How the sources of a pipeline will read. */
export const plansOf = (topology: Topology, foretold: ReadonlyMap<string, Foretold>): readonly SourcePlan[] =>
  topology.components
    .filter((component) => component.kind === "source")
    .map((source) => {
      const planned = planFor(source, topology, foretold);
      return { source, planned: typeof planned === "string" ? [{ id: source.id, why: planned }] : planned };
    });

const planFor = (
  source: SourceComponent,
  { components, shared }: Topology,
  foretold: ReadonlyMap<string, Foretold>,
): Planned | string | readonly Taker[] => {
  const { id, host } = source;
  const why = unscanned(host);
  if (why !== undefined) return why;
  if (host.framing === "octet_counting") return "its records are not lines";
  if (host.framing === "whole") return "each of its streams is one record";
  if (host.codec !== "json" && host.codec !== "text") return "its codec is not json or text";
  const ways = waysFrom(id, components, foretold);
  const added = addedTo(host, shared, { host: "", version: "" });
  return "ways" in ways ? plannedFor(ways, host.codec, annotateFor(host.codec, added) !== undefined) : ways;
};
