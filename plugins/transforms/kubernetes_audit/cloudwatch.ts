import type { Data } from "weir";
import { isObject } from "weir/fields";
import type { AuditEnvelope, Content } from "./envelope.ts";
import { timeOf } from "./time.ts";

/** Amazon EKS: the formats in which CloudWatch Logs delivers the audit log of a control plane. */
export const cloudwatch: readonly AuditEnvelope[] = [
  {
    // A subscription, decoded: docs.aws.amazon.com, "Using CloudWatch Logs subscription filters".
    name: "cloudwatch_subscription",
    matches: ({ logEvents }) => Array.isArray(logEvents),
    open: ({ messageType, logEvents, logGroup, logStream }) =>
      messageType === "CONTROL_MESSAGE" || isOtherLog(logStream)
        ? []
        : (logEvents as readonly unknown[]).map((row) =>
            isObject(row) ? logEvent(row, logGroup, logStream) : { content: row },
          ),
  },
  {
    // The same as a Lambda function receives it: gzip in base64.
    name: "cloudwatch_lambda",
    matches: ({ awslogs }) => isObject(awslogs) && typeof awslogs["data"] === "string",
    open: ({ awslogs }, { gunzip }) => ({ content: gunzip((awslogs as { data: string }).data) }),
  },
  {
    // A row of the FilterLogEvents call.
    name: "cloudwatch_row",
    matches: ({ message, eventId, logStreamName }) =>
      typeof message === "string" && (typeof eventId === "string" || typeof logStreamName === "string"),
    open: (row) => (isOtherLog(row["logStreamName"]) ? [] : logEvent(row, undefined, row["logStreamName"])),
  },
];

/** EKS writes all logs of its control plane to one log group, so streams of other logs are expected here. */
const isOtherLog = (stream: unknown): boolean => typeof stream === "string" && otherLogs.test(stream);
const otherLogs =
  /^(kube-apiserver-(?!audit)|authenticator-|kube-controller-manager-|cloud-controller-manager-|kube-scheduler-)/;

const logEvent = (row: Data, group: unknown, stream: unknown): Content => {
  const timestamp = timeOf(row["timestamp"]);
  const cloudwatch = {
    ...(group !== undefined && { log_group: group }),
    ...(stream !== undefined && { log_stream: stream }),
  };
  const fields = { cloud: { provider: "aws" }, aws: { cloudwatch } };
  return { content: row["message"], context: { fields, decides: true, ...(timestamp && { timestamp }) } };
};
