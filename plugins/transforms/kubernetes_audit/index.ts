import { gunzipSync } from "node:zlib";
import { defineTransform, fingerprint, RejectError } from "weir";
import { kubernetesAudit } from "./step.ts";

/** CloudWatch sends at most 1 MiB of events at a time; what unpacks to more than this was made to exhaust memory. */
const maxUnpacked = 16 * 1024 * 1024;

const gunzip = (base64: string): string => {
  try {
    return gunzipSync(Buffer.from(base64, "base64"), { maxOutputLength: maxUnpacked }).toString("utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw new RejectError(
        "too_large",
        `"awslogs.data" unpacks to more than ${maxUnpacked} bytes, the most that weir takes`,
      );
    throw new RejectError("not_gzip", `"awslogs.data" is not base64 of gzip: ${message}`);
  }
};

export default defineTransform({
  name: "kubernetes_audit",
  summary: "Turns Kubernetes audit events, in whatever envelope they come, into ECS documents.",
  options: {},
  notes: `
The documents are those of Elastic's Kubernetes integration: the audit event under \`kubernetes.audit\`, and the ECS
fields that rules ask for, such as \`user.name\`, \`user_agent.original\`, \`source.ip\` and \`event.action\`. Empty
values (null, "", {} and []) are removed.

Envelopes that are recognised, record by record, also within each other:

- the bare event, as JSON or as a line; the EventList of an audit webhook; a webhook's event in Go's names (\`AuditID\`)
- a container runtime's line (CRI); syslog (RFC 5424, RFC 3164 and what rsyslog writes to files)
- Fluent Bit (the line under \`log\`, or merged), Filebeat and Elastic Agent, OpenTelemetry logs (OTLP as JSON)
- Amazon EKS: CloudWatch Logs (subscription, Lambda event, FilterLogEvents row)
- Azure AKS: Event Hubs messages and records, rows of Log Analytics (\`log_s\`); use the category \`kube-audit\`, since
  \`kube-audit-admin\` leaves out get and list
- Google GKE: entries of Cloud Logging, also in Pub/Sub messages
- OpenShift's log collector (ViaQ), Alibaba SLS (members as JSON text)
- the text lines of old (\`AUDIT: id="…" …\`), of which there is one for the request, and one for its response that holds no
  event and ends here

A list gives one event an item; the other logs of a control plane in EKS and AKS end here. What holds no audit event goes
to the dead letter with a reason that names what was missing.

**GKE writes no audit events**, only Cloud Audit entries, in which user, verb, agent, address and object stand elsewhere.
They become the document that Elastic's Kubernetes integration makes of them, and no rule on audit events can fire on it:
neither there nor here.

\`event.outcome\` is set only for what comes through Elastic Agent or from EKS, AKS and GKE: that is where Elastic's own
pipeline finds the decision under its original name.
`,
  each: () => kubernetesAudit({ hash: fingerprint, gunzip }),
});
