import type { Data } from "weir";

/** The members of an audit event: `Event` of audit.k8s.io/v1, and what only v1alpha1 and v1beta1 had. */
export const eventMembers: ReadonlySet<string> = new Set([
  "kind",
  "apiVersion",
  "level",
  "auditID",
  "stage",
  "requestURI",
  "verb",
  "user",
  "impersonatedUser",
  "authenticationMetadata",
  "sourceIPs",
  "userAgent",
  "objectRef",
  "responseStatus",
  "requestObject",
  "responseObject",
  "requestReceivedTimestamp",
  "stageTimestamp",
  "annotations",
  "metadata",
  "timestamp",
]);

/** Whether a record is an audit event, alone or with a shipper's members beside it. */
export const isAudit = ({ auditID, verb }: Data): boolean =>
  typeof auditID === "string" && auditID !== "" && typeof verb === "string" && verb !== "";

/** Whether something other than kube-apiserver has put members of its own into the record. */
export const isMerged = (record: Data): boolean =>
  record["date"] !== undefined ||
  record["@timestamp"] !== undefined ||
  record["time"] !== undefined ||
  record["kubernetes"] !== undefined ||
  record["k8s_audit_level"] !== undefined ||
  record["openshift_audit_level"] !== undefined ||
  record["stream"] !== undefined;

/** The audit event of a merged record, and what the shipper put beside it. */
export const splitMerged = (record: Data): readonly [event: Data, rest: Data] => {
  const members = Object.entries(record);
  return [
    Object.fromEntries(members.filter(([name]) => eventMembers.has(name))),
    Object.fromEntries(members.filter(([name]) => !eventMembers.has(name))),
  ];
};
