import { defineSource } from "weir";
import { httpServerOptions, listenHttp } from "weir/http";

const decoding = { framing: "items", codec: "json" } as const;

export default defineSource({
  name: "kubernetes_audit_webhook",
  summary: "Takes audit events from the webhook backend of a Kubernetes API server.",
  options: httpServerOptions({ listen: "127.0.0.1:8765", max_body: "64MiB", max_receiving: "256MiB" }),
  notes: `
It is \`http_server\` as API servers need it: every path and query is taken, every body is a list of events
(\`EventList\`), which is cut into its items. How to set up the API server is in
[docs/kubernetes-webhook.md](../../kubernetes-webhook.md).

An API server sends a batch again when its answer is not a 200, after 10 s and more, five times in all; then it drops the
batch. An answer of 429 or 503 with \`Retry-After\` it follows at once, ten times. So a restart of weir loses nothing, and what
is sent twice is harmless: its events have the same ids, and a detection has seen their terms already.
`,
  decoding,
  listen: (context, offer) => listenHttp(context, offer, () => decoding),
});
