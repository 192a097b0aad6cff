import type { Data } from "weir";

/** A record of the logs of an AKS cluster. */
export const clusterLog = (one: Data): Data => ({
  category: "kube-audit",
  operationName: "Read",
  resourceId: "/clusters/orchard",
  time: "2026-05-06T07:00:03.123456789Z",
  properties: { log: JSON.stringify(one), containerID: "c-1", pod: "kube-apiserver-9", stream: "stdout" },
});
export const azure = {
  "@timestamp": "2026-05-06T07:00:03.123Z",
  cloud: { provider: "azure" },
  kubernetes: {
    audit: {
      aks_metadata: {
        category: "kube-audit",
        operation_name: "Read",
        resource_id: "/clusters/orchard",
        time: "2026-05-06T07:00:03.123456789Z",
        container_id: "c-1",
        pod: "kube-apiserver-9",
        stream: "stdout",
      },
    },
  },
};

/** What Cloud Audit makes of a request for a resource; the names of the event's members are nowhere in it. */
export const logEntry = (one: Data): Data => {
  const { resource, name } = (one["objectRef"] ?? {}) as Data;
  return {
    protoPayload: {
      "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
      serviceName: "k8s.io",
      methodName: `io.k8s.core.v1.${resource}.${one["verb"]}`,
      resourceName: `core/v1/namespaces/orchard/${resource}/${name}`,
      requestMetadata: { callerIp: "203.0.113.9", callerSuppliedUserAgent: one["userAgent"] ?? "" },
      authenticationInfo: { principalEmail: (one["user"] as Data | undefined)?.["username"] ?? "nobody" },
      status: { code: 7 },
    },
    insertId: "in-1",
    resource: { type: "k8s_cluster", labels: { cluster_name: "orchard", project_id: "cider" } },
    labels: { "authorization.k8s.io/decision": "forbid" },
    timestamp: "2026-05-06T07:00:04.5Z",
    receiveTimestamp: "2026-05-06T07:00:05.5Z",
  };
};

/** A value as OpenTelemetry has it in JSON. */
export const anyValue = (value: unknown): Data => {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value === "object" && value !== null)
    return { kvlistValue: { values: Object.entries(value).map(([key, one]) => ({ key, value: anyValue(one) })) } };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return value === null ? {} : { stringValue: value };
};
export const logsRequest = (body: Data): Data => ({
  resourceLogs: [
    {
      resource: { attributes: [{ key: "k8s.cluster.name", value: { stringValue: "orchard" } }] },
      scopeLogs: [
        {
          logRecords: [
            { timeUnixNano: "1778050804250000000", body, attributes: [{ key: "n", value: { intValue: "7" } }] },
          ],
        },
      ],
    },
  ],
});
export const otlp = {
  "@timestamp": "2026-05-06T07:00:04.250Z",
  resource: { attributes: { "k8s.cluster.name": "orchard" } },
  attributes: { n: 7 },
};
