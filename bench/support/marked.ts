/** An audit event, as JSON, that raises an alert. Its user agent contains the time when it was made. */
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
