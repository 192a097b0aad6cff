import type { Deployment } from "../context.ts";
import { Draft } from "../fields/draft.ts";
import { writePath } from "../fields/write-path.ts";
import type { Request } from "./request.ts";

const hostName = writePath("host.name");
const clusterName = writePath("orchestrator.cluster.name");

/**
 * Adds to an alert where its event is from: `host.name` and `orchestrator.cluster.name`, which are those of weir if the event
 * names no others, and as `agent` the weir that made the alert, unless another agent sent the event. Nothing is replaced. `data`
 * is the alert's own object, which may be changed.
 */
export const originFields = (
  data: Record<string, unknown>,
  { host, cluster }: Pick<Request, "host" | "cluster">,
  deployment: Deployment | undefined,
): Record<string, unknown> => {
  if (!deployment) return data;
  const draft = new Draft(data);
  draft.add(hostName, host ?? deployment.host);
  const named = cluster ?? deployment.cluster;
  if (named !== undefined) draft.add(clusterName, named);
  const whole = draft.data as Record<string, unknown>;
  if (!Object.keys(data).some((key) => key === "agent" || key.startsWith("agent.")))
    whole["agent"] = { type: "weir", name: deployment.host, version: deployment.version };
  return whole;
};
