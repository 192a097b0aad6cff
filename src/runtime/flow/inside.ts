import type { Inside } from "../../plugin.ts";
import { componentsAfter, type Topology } from "../../topology/topology.ts";
import type { RunServices } from "./run-services.ts";

/** What weir says of itself to a source. */
export const insideFor = (
  source: string,
  topology: Topology,
  { logFeed, stats }: Pick<RunServices, "logFeed" | "stats">,
): Inside => {
  const own = componentsAfter(source, topology);
  return {
    stats: () => ({ ...stats() }),
    followLog: (take, signal) => logFeed.follow((line) => void (own.has(line.component) || take(line)), signal),
  };
};
