import { gzipSync } from "node:zlib";
import type { Data } from "weir";
import { anyValue, azure, clusterLog, logEntry, logsRequest, otlp } from "./clouds.ts";
import { ingested, stamp } from "./events.ts";
import { firstAddress, goCased, legacyLine, textsOnly } from "./shapes.ts";

export const subscription = (one: Data): Data => ({
  messageType: "DATA_MESSAGE",
  logGroup: "/aws/eks/orchard/cluster",
  logStream: "kube-apiserver-audit-77",
  logEvents: [{ id: "1", timestamp: ingested, message: JSON.stringify(one) }],
});
const cri = (one: Data): string => `2026-05-06T07:00:01.123456789Z stdout F ${JSON.stringify(one)}`;
const cloud = { provider: "aws" };
const cloudwatch = { log_group: "/aws/eks/orchard/cluster", log_stream: "kube-apiserver-audit-77" };

/** Of the event that the source `otlp` makes, all but the body. */
const fromOtlp = {
  "@timestamp": "2026-05-06T07:00:02.000Z",
  observed_timestamp: "2026-05-06T07:00:03.000Z",
  attributes: { "log.file.name": "audit.log" },
  resource: { attributes: { "k8s.cluster.name": "orchard" } },
};

const base64 = (text: string): string => Buffer.from(text).toString("base64");

export interface Wrapping {
  readonly wrap: (one: Data) => Data;
  /** What the envelope adds to the document. */
  readonly adds?: Data;
  /** What of the event the envelope carries, as far as the headline rule can see it; without it, the whole event. */
  readonly carries?: (one: Data) => Data;
}

/** How each envelope wraps an event. */
export const envelopes: Readonly<Record<string, Wrapping>> = {
  "an object": { wrap: (one) => one },
  "a line": { wrap: (one) => ({ message: JSON.stringify(one) }) },
  "a line that ends like on Windows": { wrap: (one) => ({ message: `${JSON.stringify(one)}\r` }) },
  "an EventList": {
    wrap: ({ kind: _, apiVersion, ...one }) => ({ kind: "EventList", apiVersion, metadata: {}, items: [one] }),
  },
  "a container runtime's line": {
    wrap: (one) => ({ message: cri(one) }),
    adds: { "@timestamp": "2026-05-06T07:00:01.123456789Z" },
  },
  "Fluent Bit, by line": {
    wrap: (one) => ({ date: 1_778_050_000.25, log: `${JSON.stringify(one)}\n`, kubernetes: { host: "press-1" } }),
    adds: { "@timestamp": "2026-05-06T06:46:40.250Z", kubernetes: { host: "press-1" } },
  },
  "Fluent Bit, merged": {
    wrap: (one) => ({ date: 1_778_050_000, cluster: "orchard", ...one }),
    adds: { "@timestamp": "2026-05-06T06:46:40.000Z", cluster: "orchard" },
  },
  "the source otlp, as text": {
    wrap: (one) => ({ ...fromOtlp, message: JSON.stringify(one) }),
    adds: fromOtlp,
  },
  "the source otlp, as an object": {
    wrap: (one) => ({ ...fromOtlp, body: one, otlp: { doubles: ["/body/n"] } }),
    adds: fromOtlp,
  },
  "Elastic Agent": {
    wrap: (one) => ({
      "@timestamp": "2026-05-06T07:00:02.000Z",
      data_stream: { type: "logs", dataset: "kubernetes.audit_logs", namespace: "fruit" },
      event: { dataset: "kubernetes.audit_logs", original: "{}" },
      log: { offset: 12 },
      kubernetes: { audit: one },
    }),
    adds: {
      "@timestamp": "2026-05-06T07:00:02.000Z",
      data_stream: { type: "logs", dataset: "kubernetes.audit_logs", namespace: "fruit" },
      log: { offset: 12 },
    },
  },
  "CloudWatch subscription": { wrap: subscription, adds: { "@timestamp": stamp, cloud, aws: { cloudwatch } } },
  "CloudWatch Lambda event": {
    wrap: (one) => ({ awslogs: { data: gzipSync(JSON.stringify(subscription(one))).toString("base64") } }),
    adds: { "@timestamp": stamp, cloud, aws: { cloudwatch } },
  },
  "FilterLogEvents row": {
    wrap: (one) => ({
      logStreamName: "kube-apiserver-audit-77",
      timestamp: ingested,
      message: JSON.stringify(one),
      eventId: "3",
    }),
    adds: { "@timestamp": stamp, cloud, aws: { cloudwatch: { log_stream: "kube-apiserver-audit-77" } } },
  },
  "a container runtime's line in Fluent Bit": {
    wrap: (one) => ({ log: cri(one), stream: "stdout" }),
    adds: { "@timestamp": "2026-05-06T07:00:01.123456789Z", stream: "stdout" },
  },
  "AKS, a message of Event Hubs": { wrap: (one) => ({ records: [clusterLog(one)] }), adds: azure },
  "AKS, a record with the event as an object": {
    wrap: (one) => {
      const record = clusterLog(one);
      return { ...record, properties: { ...(record["properties"] as Data), log: one } };
    },
    adds: azure,
  },
  "AKS, a row of Log Analytics": {
    wrap: (one) => ({
      TimeGenerated: "2026-05-06T07:00:03Z",
      Category: "kube-audit",
      log_s: JSON.stringify(one),
      pod_s: "kube-apiserver-9",
      Type: "AzureDiagnostics",
    }),
    adds: {
      "@timestamp": "2026-05-06T07:00:03.000Z",
      cloud: { provider: "azure" },
      kubernetes: {
        audit: { aks_metadata: { category: "kube-audit", time: "2026-05-06T07:00:03Z", pod: "kube-apiserver-9" } },
      },
    },
  },
  "GKE, an entry of Cloud Logging": { wrap: logEntry, carries: () => ({}) },
  "GKE, a push of Pub/Sub": {
    wrap: (one) => ({
      message: { data: base64(JSON.stringify(logEntry(one))), messageId: "1" },
      subscription: "projects/cider/subscriptions/s",
    }),
    carries: () => ({}),
  },
  "OpenTelemetry, as text": { wrap: (one) => logsRequest({ stringValue: JSON.stringify(one) }), adds: otlp },
  "OpenTelemetry, as a map": { wrap: (one) => logsRequest(anyValue(one)), adds: otlp },
  OpenShift: {
    wrap: (one) => ({
      ...one,
      level: "default",
      k8s_audit_level: one["level"],
      "@timestamp": "2026-05-06T07:00:06.5Z",
      log_type: "audit",
    }),
    adds: { "@timestamp": "2026-05-06T07:00:06.5Z", log_type: "audit" },
  },
  "Alibaba SLS, all text": { wrap: textsOnly },
  "Go's names": { wrap: goCased },
  "a list in Go's names": { wrap: (one) => ({ metadata: {}, Items: [goCased(one)] }) },
  "syslog, RFC 5424": {
    wrap: (one) => ({
      message: `<134>1 2026-05-06T07:00:07.5Z press-1 kube-apiserver 7 - [a@1 b="\\"]"] \ufeff${JSON.stringify(one)}`,
    }),
    adds: {
      "@timestamp": "2026-05-06T07:00:07.5Z",
      log: { syslog: { priority: 134, hostname: "press-1", appname: "kube-apiserver", procid: "7" } },
    },
  },
  "syslog, RFC 3164": {
    wrap: (one) => ({ message: `<134>May  6 07:00:07 press-1 kube-apiserver[7]: @cee: ${JSON.stringify(one)}` }),
    adds: { log: { syslog: { priority: 134, hostname: "press-1", appname: "kube-apiserver", procid: "7" } } },
  },
  "syslog, as rsyslog writes it to a file": {
    wrap: (one) => ({ message: `2026-05-06T07:00:07.5+00:00 press-1 audit: ${JSON.stringify(one)}` }),
    adds: { "@timestamp": "2026-05-06T07:00:07.5+00:00", log: { syslog: { hostname: "press-1", appname: "audit" } } },
  },
  "a text audit line": { wrap: (one) => ({ message: legacyLine(one) }), carries: firstAddress },
  "a text audit line behind syslog's header": {
    wrap: (one) => ({ message: `<134>1 2026-05-06T07:00:07Z press-1 - - - - ${legacyLine(one)}` }),
    carries: firstAddress,
  },
};
