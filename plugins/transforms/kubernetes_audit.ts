import { gunzipSync } from "node:zlib";
import { defineTransform, fingerprint, kubernetesAudit, RejectError } from "weir";

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

Envelopes that are recognised, also within each other: the bare event, the EventList of an audit webhook, a container
runtime's line (CRI), Fluent Bit (the line under \`log\`, or merged), Filebeat and Elastic Agent, and CloudWatch Logs
(subscription, Lambda event, FilterLogEvents row). A list gives one event an item; the other
logs of EKS's control plane end here. What holds no audit event goes to the dead letter with a reason that names what
was missing.

\`event.outcome\` is set only for what comes through Elastic Agent or CloudWatch: that is where Elastic's own pipeline
finds the decision under its original name.
`,
  create: () => kubernetesAudit({ hash: fingerprint, gunzip }),
});
