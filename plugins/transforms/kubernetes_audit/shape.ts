import type { Data } from "weir";

/** The members of an audit event: `Event` of audit.k8s.io/v1, and those that only v1alpha1 and v1beta1 had. */
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

/**
 * Whether a record is an audit event, alone or with members added by a shipper. Its verb may be empty: an API server
 * records requests with a method that it has no verb for, such as OPTIONS.
 */
export const isAudit = ({ auditID, verb }: Data): boolean =>
  typeof auditID === "string" && auditID !== "" && typeof verb === "string";

/** Whether something other than kube-apiserver has added members to the record. */
export const isMerged = (record: Data): boolean =>
  record["date"] !== undefined ||
  record["@timestamp"] !== undefined ||
  record["time"] !== undefined ||
  record["kubernetes"] !== undefined ||
  record["k8s_audit_level"] !== undefined ||
  record["openshift_audit_level"] !== undefined ||
  record["stream"] !== undefined;

/** The audit event of a merged record, and the members that the shipper added. */
export const splitMerged = (record: Data): readonly [event: Data, rest: Data] => {
  const members = Object.entries(record);
  return [
    Object.fromEntries(members.filter(([name]) => eventMembers.has(name))),
    Object.fromEntries(members.filter(([name]) => !eventMembers.has(name))),
  ];
};
