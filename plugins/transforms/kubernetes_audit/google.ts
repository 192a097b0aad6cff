import { type Data, RejectError } from "weir";
import { isObject } from "weir/fields";
import { textOfBase64 } from "./base64.ts";
import type { EnvelopeContext } from "./document.ts";
import type { AuditEnvelope, Content } from "./envelope.ts";

/**
 * Google GKE writes Cloud Audit logs, not audit events: who requested what is under `protoPayload`, where Elastic's
 * Kubernetes rules do not look. The document is the same as from Elastic's pipeline, so rules for audit events cannot fire.
 */
export const google: readonly AuditEnvelope[] = [
  {
    // A Pub/Sub message, as pushed or as pulled: cloud.google.com/pubsub/docs/push.
    name: "pubsub_message",
    matches: ({ message }) => isObject(message) && typeof message["data"] === "string",
    open: ({ message }) => ({ content: textOfBase64((message as { data: string }).data, "message.data") }),
  },
  {
    // A LogEntry: cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry.
    name: "google_log_entry",
    matches: ({ protoPayload }) => isObject(protoPayload),
    open: (entry) => openEntry(entry, entry["protoPayload"] as Data),
  },
];

const openEntry = (entry: Data, payload: Data): Content => {
  if (payload["serviceName"] !== "k8s.io")
    throw new RejectError(
      "not_an_audit_event",
      `this Cloud Audit entry is from the service ${JSON.stringify(payload["serviceName"] ?? null)}, not "k8s.io" (Kubernetes): set the filter of the log sink to protoPayload.serviceName="k8s.io"`,
    );
  return { content: renamed(entry, payload), context: contextOf(entry, payload), foreign: true };
};

/** Members that Elastic's pipeline renames to those of audit events, unless the entry already has a member of that name. */
const names: readonly (readonly [from: string, to: string])[] = [
  ["insertId", "auditID"],
  ["receiveTimestamp", "requestReceivedTimestamp"],
  ["timestamp", "stageTimestamp"],
  ["labels", "annotations"],
];

const renamed = (entry: Data, payload: Data): Data => {
  const audit: Record<string, unknown> = { ...entry };
  for (const [from, to] of names) {
    if (entry[from] === undefined || entry[to] !== undefined) continue;
    audit[to] = entry[from];
    delete audit[from];
  }
  const { status } = payload;
  if (audit["responseStatus"] !== undefined || !isObject(status) || status["code"] === undefined) return audit;
  const { code, ...rest } = status;
  return { ...audit, protoPayload: { ...payload, status: rest }, responseStatus: { code } };
};

const contextOf = (entry: Data, payload: Data): EnvelopeContext => {
  const resource = isObject(entry["resource"]) ? entry["resource"] : {};
  const labels = isObject(resource["labels"]) ? resource["labels"] : {};
  const cluster = { name: labels["cluster_name"], id: labels["project_id"] };
  return {
    decides: true,
    fields: {
      cloud: { provider: "gcp" },
      orchestrator: { cluster, resource: { type: resource["type"], name: payload["resourceName"] } },
    },
  };
};
