import { gunzipSync } from "node:zlib";
import { defineTransform, fingerprint, RejectError } from "weir";
import { kubernetesAudit } from "./step.ts";

/** CloudWatch sends at most 1 MiB of events at a time. Anything that unpacks to more than this limit is an attack. */
const maxUnpacked = 16 * 1024 * 1024;

const gunzip = (base64: string): string => {
  try {
    return gunzipSync(Buffer.from(base64, "base64"), { maxOutputLength: maxUnpacked }).toString("utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw new RejectError(
        "too_large",
        `"awslogs.data" unpacks to more than ${maxUnpacked} bytes, which is the limit`,
      );
    throw new RejectError("not_gzip", `"awslogs.data" is not gzip in base64: ${message}`);
  }
};

export default defineTransform({
  name: "kubernetes_audit",
  summary: "Turns Kubernetes audit events, in any known envelope, into ECS documents.",
  options: {},
  notes: `
The documents are the same as those of Elastic's Kubernetes integration: the audit event is under \`kubernetes.audit\`, with
the ECS fields that rules use, such as \`user.name\`, \`user_agent.original\`, \`source.ip\` and \`event.action\`. Empty values
(null, "", {} and []) are removed.

These envelopes are recognised in each record, also nested:

- the bare event, as JSON or as a line; the EventList of an audit webhook; events with the names of Go fields (\`AuditID\`)
- lines of a container runtime (CRI); syslog (RFC 5424, RFC 3164 and the file format of rsyslog)
- Fluent Bit (the line under \`log\`, or merged), Filebeat and Elastic Agent, OpenTelemetry logs (OTLP as JSON)
- Amazon EKS: CloudWatch Logs (subscription, Lambda event, FilterLogEvents row)
- Azure AKS: Event Hubs messages and records, rows of Log Analytics (\`log_s\`); use the category \`kube-audit\`, since
  \`kube-audit-admin\` omits get and list
- Google GKE: entries of Cloud Logging, also in Pub/Sub messages
- OpenShift's log collector (ViaQ), Alibaba SLS (members as JSON text)
- the legacy text format of older API servers (\`AUDIT: id="…" …\`); the separate lines for responses contain no event and
  are consumed

A list gives one event for each item. Other control-plane logs of EKS and AKS are consumed. Records without an audit event
go to the dead letter, with a message that says what is missing.

**GKE does not write Kubernetes audit events**, but Cloud Audit entries, which have user, verb, agent, address and object in
other fields. weir converts them to the same documents as Elastic's Kubernetes integration. Rules for audit events cannot
fire on these documents, neither in Elastic nor in weir.

\`event.outcome\` is set only for events from Elastic Agent, EKS, AKS and GKE: only there does Elastic's own pipeline find the
decision under its original name.
`,
  each: () => kubernetesAudit({ hash: fingerprint, gunzip }),
});
