import { gunzipSync } from "node:zlib";
import { type Data, fingerprint } from "weir";
import { RecordMeta, runStep } from "weir/testing";
import { kubernetesAudit } from "../../plugins/transforms/kubernetes_audit/step.ts";

/** When the host takes the events in, and the same as text. */
export const ingested = Date.UTC(2026, 4, 6, 7, 8, 9, 10);
export const stamp = "2026-05-06T07:08:09.010Z";

const step = kubernetesAudit({
  hash: fingerprint,
  gunzip: (base64) => gunzipSync(Buffer.from(base64, "base64")).toString(),
});

const freeze = <T>(value: T): T => {
  if (typeof value === "object" && value !== null)
    for (const inner of Object.values(Object.freeze(value))) freeze(inner);
  return value;
};

/** What the step makes of records, which it must not change. */
export const through = (...records: readonly Data[]) => {
  const events = records.map((data, index) => ({
    data: freeze(data),
    meta: new RecordMeta("audit", "log", index, ingested),
  }));
  return runStep(step, events);
};

/** An audit event as kube-apiserver writes it. */
export const event = (changes: Data = {}): Data => ({
  kind: "Event",
  apiVersion: "audit.k8s.io/v1",
  level: "Metadata",
  auditID: "5d3fb1f0-41c6-4d0c-8f0a-0f6b6a3e7a11",
  stage: "ResponseComplete",
  requestURI: "/api/v1/namespaces/orchard/secrets/cider-recipe",
  verb: "get",
  user: {
    username: "system:serviceaccount:orchard:presser",
    uid: "7a4d7c1e-0000-4f6b-9a44-2f5b0a9d1c3e",
    groups: ["system:authenticated", ""],
    extra: {},
  },
  sourceIPs: ["203.0.113.9", "10.1.2.3"],
  userAgent: "wget/1.25.0",
  objectRef: { resource: "secrets", namespace: "orchard", name: "cider-recipe", apiGroup: "", apiVersion: "v1" },
  responseStatus: { metadata: {}, code: 200 },
  requestReceivedTimestamp: "2026-05-06T07:00:00.000001Z",
  stageTimestamp: "2026-05-06T07:00:00.002000Z",
  annotations: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" },
  ...changes,
});

/** One of a kind each, so that every envelope carries the odd as well as the ordinary. */
export const events: readonly Data[] = [
  event(),
  event({ verb: "list", user: { username: "ada" }, sourceIPs: ["2001:db8::1"] }),
  event({ stage: "RequestReceived", responseStatus: null, annotations: null }),
  event({ userAgent: "spout/v0.0.0 (linux/amd64) kubernetes/$Format" }),
  event({ userAgent: undefined, sourceIPs: [], objectRef: undefined }),
  event({ user: { username: "system:anonymous", groups: ["system:unauthenticated"] }, sourceIPs: ["not an address"] }),
  event({ impersonatedUser: { username: "bruno", groups: ["cellar"] }, userAgent: "Käse/1.0 🧀" }),
  event({
    level: "Request",
    requestObject: { metadata: { name: "x" }, data: { note: "y".repeat(30_000), empty: "" } },
  }),
  event({ responseObject: { metadata: {}, items: [null, { a: [] }, "kept"] }, annotations: { "a.b/c.d": "1" } }),
  event({
    apiVersion: "audit.k8s.io/v1beta1",
    metadata: { creationTimestamp: "2018-01-01T00:00:00Z" },
    timestamp: "2018-01-01T00:00:00Z",
  }),
].map((one) => JSON.parse(JSON.stringify(one)));
