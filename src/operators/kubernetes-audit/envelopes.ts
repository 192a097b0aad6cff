import { type Data, isObject } from "../../json.ts";
import type { Hash } from "../../new-terms/terms.ts";
import type { Context } from "./document.ts";
import { isAudit, splitMerged } from "./shape.ts";
import { timeOf } from "./time.ts";

/** What the operator cannot do itself, being free of Node: the program passes it in. */
export interface Tools {
  readonly hash: Hash;
  /** The text inside base64 of gzip. It throws for what is not that, or is longer than it is willing to hold. */
  gunzip(base64: string): string;
}

/** What was in an envelope: JSON text, a log line or an object, and what the envelope says about it. */
export interface Content {
  readonly content: unknown;
  readonly context?: Context;
}

/**
 * One way in which audit events travel. `open` takes one layer off; what is inside may be another envelope. A list
 * means that each item stands for itself: one that is no audit event does not keep its neighbours back.
 */
export interface Envelope {
  readonly name: string;
  matches(record: Data): boolean;
  open(record: Data, tools: Tools): Content | readonly Content[];
}

/** What a list says once for all its items. */
const listDefaults = ({ kind: _, apiVersion }: Data) => ({
  kind: "Event",
  ...(apiVersion !== undefined && { apiVersion }),
});

/** The envelopes that are JSON objects; the first that matches is opened. */
export const envelopes: readonly Envelope[] = [
  {
    // Body of a kube-apiserver audit webhook; Go leaves kind and apiVersion out of the items.
    name: "event_list",
    matches: ({ kind, items }) => Array.isArray(items) && (kind === undefined || kind === "EventList"),
    open: (record) => {
      const defaults = listDefaults(record);
      return (record["items"] as readonly unknown[]).map((item) => ({
        content: isObject(item) ? { ...defaults, ...item } : item,
      }));
    },
  },
  {
    // Elastic Agent and Filebeat with the ndjson parser set to kubernetes.audit.
    name: "elastic_agent",
    matches: ({ kubernetes }) => isObject(kubernetes) && isObject(kubernetes["audit"]),
    open: (record) => {
      const { audit, ...kubernetes } = record["kubernetes"] as Data;
      const { message: _, ...fields } = record;
      return { content: audit, context: { ...around({ ...fields, kubernetes }), decides: true } };
    },
  },
  {
    // A record of Fluent Bit (merged), or any shipper that puts its own members beside those of the event.
    name: "merged",
    matches: isAudit,
    open: (record) => {
      const [content, fields] = splitMerged(record);
      return { content, context: around(fields) };
    },
  },
  {
    // CloudWatch Logs subscription, decoded: docs.aws.amazon.com, "Using CloudWatch Logs subscription filters".
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
    // The same as a Lambda function gets it: base64 of gzip.
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
  {
    // Fluent Bit's tail input: the line under "log". It may be a container runtime's line in turn.
    name: "fluent_bit",
    matches: ({ log }) => typeof log === "string" || (isObject(log) && isAudit(log)),
    open: ({ log, ...fields }) => ({ content: log, context: around(fields) }),
  },
  {
    // The text codec, and every shipper that sends the line as it is.
    name: "line",
    matches: ({ message }) => typeof message === "string",
    open: ({ message, ...fields }) => ({ content: message, context: around(fields) }),
  },
  {
    // A line that passed a first ingest step: Elastic keeps it here.
    name: "original",
    matches: ({ event }) => isObject(event) && typeof event["original"] === "string",
    open: ({ event, ...fields }) => {
      const { original, ...rest } = event as Data;
      return { content: original, context: around({ ...fields, event: rest }) };
    },
  },
];

/** EKS writes all logs of its control plane to one log group; the streams of the others are no mistake, and no audit log. */
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

/** Members under which shippers say when they read a record; the time goes to the document's @timestamp. */
const timeMembers = ["@timestamp", "date", "time"] as const;

const around = (fields: Data): Context => {
  const left: Record<string, unknown> = { ...fields };
  let timestamp: string | undefined;
  for (const name of timeMembers) {
    if (left[name] === undefined) continue;
    timestamp ??= timeOf(left[name]);
    delete left[name];
  }
  const { event } = left;
  if (isObject(event) && event["original"] !== undefined) {
    const { original: _, ...rest } = event;
    left["event"] = rest;
  }
  return { ...(Object.keys(left).length > 0 && { fields: left }), ...(timestamp && { timestamp }) };
};
