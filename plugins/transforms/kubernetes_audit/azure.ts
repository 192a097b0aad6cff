import type { Data } from "weir";
import { isObject } from "weir/fields";
import type { AuditEnvelope, Content } from "./envelope.ts";
import { timeOf } from "./time.ts";

/** Azure AKS: diagnostic settings send the control-plane logs to Event Hubs or to a Log Analytics workspace. */
export const azure: readonly AuditEnvelope[] = [
  {
    // An Event Hubs message.
    name: "azure_records",
    matches: ({ records }) => Array.isArray(records),
    open: ({ records }) => (records as readonly unknown[]).map((record) => ({ content: record })),
  },
  {
    // One of its records: the event is JSON text, or an object if something on the way has parsed it.
    name: "azure_record",
    matches: ({ category, properties }) =>
      typeof category === "string" && isObject(properties) && properties["log"] !== undefined,
    open: (record) => {
      const { category, operationName, resourceId, serviceBuild, time, properties } = record;
      const { log, containerID, pod, stream } = properties as Data;
      const metadata = { category, time, pod, stream, operation_name: operationName, resource_id: resourceId };
      return auditLog(category, log, { ...metadata, service_build: serviceBuild, container_id: containerID });
    },
  },
  {
    // A row of the table AzureDiagnostics.
    name: "azure_diagnostics_row",
    matches: ({ log_s }) => typeof log_s === "string",
    open: (row) =>
      auditLog(row["Category"], row["log_s"], {
        category: row["Category"],
        time: row["TimeGenerated"],
        pod: row["pod_s"],
        stream: row["stream_s"],
        operation_name: row["OperationName"],
        resource_id: row["ResourceId"] ?? row["_ResourceId"],
        container_id: row["containerID_s"],
      }),
  },
];

/** `metadata` as Elastic's pipeline names it. Categories other than kube-audit and kube-audit-admin are other logs. */
const auditLog = (category: unknown, log: unknown, metadata: Data): Content | readonly Content[] => {
  if (typeof category === "string" && !category.startsWith("kube-audit")) return [];
  const timestamp = timeOf(metadata["time"]);
  return {
    content: log,
    context: {
      fields: { cloud: { provider: "azure" } },
      beside: { aks_metadata: metadata },
      decides: true,
      ...(timestamp && { timestamp: new Date(timestamp).toISOString() }),
    },
  };
};
