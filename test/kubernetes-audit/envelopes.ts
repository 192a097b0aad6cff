import { gzipSync } from "node:zlib";
import type { Data } from "weir";
import { ingested, stamp } from "./events.ts";

export const subscription = (one: Data): Data => ({
  messageType: "DATA_MESSAGE",
  logGroup: "/aws/eks/orchard/cluster",
  logStream: "kube-apiserver-audit-77",
  logEvents: [{ id: "1", timestamp: ingested, message: JSON.stringify(one) }],
});
const cri = (one: Data): string => `2026-05-06T07:00:01.123456789Z stdout F ${JSON.stringify(one)}`;
const cloud = { provider: "aws" };
const cloudwatch = { log_group: "/aws/eks/orchard/cluster", log_stream: "kube-apiserver-audit-77" };

/** How each envelope wraps an event, and what it adds to the document. */
export const envelopes: Readonly<Record<string, { readonly wrap: (one: Data) => Data; readonly adds?: Data }>> = {
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
};
