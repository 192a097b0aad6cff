import { hostname } from "node:os";
import { gunzipSync } from "node:zlib";
import { defineTransform, fingerprint, option, RejectError } from "weir";
import { kubernetesAudit } from "./step.ts";
import { turning } from "./turning.ts";

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

const named = (name: string | undefined) => (name === undefined ? undefined : { name });

export default defineTransform({
  name: "kubernetes_audit",
  summary: "Turns Kubernetes audit events, in any known envelope, into ECS documents.",
  options: {
    cluster: option.optional(
      option.text(
        "The name of the cluster, for events that do not name it. It becomes `orchestrator.cluster.name`. By default, it is `cluster` at the top of the pipeline.",
        {
          examples: ["production"],
        },
      ),
    ),
    host: option.optional(
      option.text(
        "The name of the machine whose log this is, for events that do not name it. It becomes `host.name`. Without it, a log without an envelope is taken to be of the machine on which weir runs.",
        { examples: ["control-plane-2"] },
      ),
    ),
  },
  notes: `
The documents are the same as those of Elastic's Kubernetes integration: the audit event is under \`kubernetes.audit\`, with
the ECS fields that rules use, such as \`user.name\`, \`user_agent.original\`, \`source.ip\` and \`event.action\`. Empty values
(null, "", {} and []) are removed.

These envelopes are recognised in each record, also nested:

- the bare event, as JSON or as a line; the EventList of an audit webhook; events with the names of Go fields (\`AuditID\`)
- lines of a container runtime (CRI); syslog (RFC 5424, RFC 3164 and the file format of rsyslog)
- Fluent Bit (the line under \`log\`, or merged), Filebeat and Elastic Agent, OpenTelemetry logs (events of the \`otlp\` source, OTLP as JSON)
- Amazon EKS: CloudWatch Logs (subscription, Lambda event, FilterLogEvents row)
- Azure AKS: Event Hubs messages and records, rows of Log Analytics (\`log_s\`); use the category \`kube-audit\`, since
  \`kube-audit-admin\` omits get and list
- Google GKE: entries of Cloud Logging, also in Pub/Sub messages
- OpenShift's log collector (ViaQ), Alibaba SLS (members as JSON text)
- the legacy text format of older API servers (\`AUDIT: id="…" …\`); the separate lines for responses contain no event and
  are consumed

A list gives one event for each of its different items. Other control-plane logs of EKS and AKS are consumed. Records without an audit event
go to the dead letter, with a message that says what is missing.

**GKE does not write Kubernetes audit events**, but Cloud Audit entries, which have user, verb, agent, address and object in
other fields. weir converts them to the same documents as Elastic's Kubernetes integration. Rules for audit events cannot
fire on these documents, neither in Elastic nor in weir.

An audit event names neither its host nor its cluster. \`host.name\` is added as Elastic Agent adds it. Alerts name the cluster
if the envelope has its name: the entries of GKE, the log group of EKS, the resource of AKS, an attribute of OpenTelemetry. In
all other cases, set \`cluster\` if alerts of several clusters go to one place. If API servers on other machines send to the
webhook of one weir, set \`host\`, or their events appear to be of weir's machine.

\`event.outcome\` is set only for events from Elastic Agent, EKS, AKS and GKE: only there does Elastic's own pipeline find the
decision under its original name, and a rule must see the same here as there. There it is \`success\` for every request that
was authorized, also if it failed afterwards. In a query, use \`kubernetes.audit.responseStatus.code\`, which is in every
event that has a response. In alerts, \`event.outcome\` is added from this status if the event has none: \`failure\` from 400
on, otherwise \`success\`.
`,
  passing: () => turning,
  each: ({ config: { cluster, host }, deployment }) =>
    kubernetesAudit({
      hash: fingerprint,
      gunzip,
      origin: {
        cluster: named(cluster ?? deployment?.cluster),
        host: named(host),
        bareHost: named(host ?? deployment?.host ?? hostname()),
        machine: deployment?.host,
      },
    }),
});
