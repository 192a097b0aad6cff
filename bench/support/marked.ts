/** An audit event, as JSON, that alerts, and carries the time of its making in its user agent. */
export const marked = (index: number): string =>
  JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "Metadata",
    auditID: `bench-${index}`,
    stage: "ResponseComplete",
    verb: "get",
    user: { username: "mira.okafor" },
    sourceIPs: ["192.0.2.77"],
    objectRef: { resource: "secrets", namespace: "ledger", name: "signing", apiVersion: "v1" },
    userAgent: `bench/${process.hrtime.bigint()}`,
  });
