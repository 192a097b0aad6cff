import { defineSource } from "weir";
import { httpServerOptions, listenHttp } from "weir/http";

const decoding = { framing: "items", codec: "json" } as const;

export default defineSource({
  name: "kubernetes_audit_webhook",
  summary: "Receives audit events from the webhook backend of a Kubernetes API server.",
  options: httpServerOptions({ listen: "127.0.0.1:8765", max_body: "64MiB", max_receiving: "256MiB" }),
  notes: `
This is \`http_server\` configured for API servers: it accepts any path and query, and splits every body, an \`EventList\`, into
its items. [docs/kubernetes-webhook.md](../../kubernetes-webhook.md) explains how to set up the API server.

When the answer is not 200, an API server sends the batch again after 10 s or more, five times in all; then it drops the batch.
After 429 or 503 with \`Retry-After\` it tries again after the requested time, ten times. So a restart of weir loses nothing.
The events of a batch that is sent twice have the same ids. Rules for new terms and sequences raise no second alert for them. Rules that
count (\`threshold\`) count them again, unless a [\`dedupe\`](../transforms/dedupe.md) by \`kubernetes.audit.auditID\` and
\`kubernetes.audit.stage\` stands between \`kubernetes_audit\` and the rules.
`,
  decoding,
  listen: (context, offer) => listenHttp(context, offer, () => decoding),
});
