import type { Deployment } from "../../context.ts";
import type { OriginOptions } from "../../origin/origin.ts";
import type { DecodingOptions, Shared } from "../../topology/topology.ts";
import type { RunServices } from "./run-services.ts";

/** Where weir runs, as the components of a pipeline see it. */
export const deploymentOf = ({ host, cluster }: Shared, machine: RunServices["machine"]): Deployment => ({
  host: host ?? machine.host,
  version: machine.version,
  ...(cluster !== undefined && { cluster }),
});

/** What is added to the events of a source. */
export const addedTo = (
  { originMode: mode = "never" }: DecodingOptions,
  { labels, host }: Shared,
  machine: RunServices["machine"],
): OriginOptions => ({ mode, host: host ?? machine.host, labels });
