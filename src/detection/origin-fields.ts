import type { Deployment } from "../context.ts";
import { Draft } from "../fields/draft.ts";
import { writePath } from "../fields/write-path.ts";
import type { Data } from "../json.ts";
import type { Request } from "./request.ts";

const hostName = writePath("host.name");
const clusterName = writePath("orchestrator.cluster.name");

/**
 * Adds to an alert where its event is from: `host.name` and `orchestrator.cluster.name`, which are those of weir if the event
 * names no others, and as `agent` the weir that made the alert, unless another agent sent the event. Nothing is replaced.
 */
export const originFields = (
  data: Data,
  { host, cluster }: Pick<Request, "host" | "cluster">,
  deployment: Deployment | undefined,
): Data => {
  if (!deployment) return data;
  const draft = new Draft(data);
  draft.add(hostName, host ?? deployment.host);
  const named = cluster ?? deployment.cluster;
  if (named !== undefined) draft.add(clusterName, named);
  if (Object.keys(data).some((key) => key === "agent" || key.startsWith("agent."))) return draft.data;
  return { ...draft.data, agent: { type: "weir", name: deployment.host, version: deployment.version } };
};
