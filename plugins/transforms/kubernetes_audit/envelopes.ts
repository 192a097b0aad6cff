import type { Data } from "weir";
import { around } from "./around.ts";
import { azure } from "./azure.ts";
import { cloudwatch } from "./cloudwatch.ts";
import type { Envelope } from "./envelope.ts";
import { goCase } from "./go-case.ts";
import { google } from "./google.ts";
import { otlp } from "./otlp.ts";
import { isAudit, splitMerged } from "./shape.ts";
import { isObject } from "./value.ts";

const auditLevel = ({ k8s_audit_level, openshift_audit_level }: Data) => k8s_audit_level ?? openshift_audit_level;

/** The envelopes that are JSON objects; the first that matches is opened. */
export const envelopes: readonly Envelope[] = [
  {
    // Body of a kube-apiserver audit webhook; Go leaves kind and apiVersion out of the items.
    name: "event_list",
    matches: ({ kind, items }) => Array.isArray(items) && (kind === undefined || kind === "EventList"),
    open: ({ items, apiVersion }) => {
      // What the list says once for all of its items.
      const defaults = { kind: "Event", ...(typeof apiVersion === "string" && { apiVersion }) };
      return (items as readonly unknown[]).map((item) => ({
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
    // OpenShift's log collector (ViaQ): `level` is that of a log line there, the event's is kept under a name of its own.
    name: "openshift",
    matches: (record) => isAudit(record) && typeof auditLevel(record) === "string",
    open: ({ k8s_audit_level: k8s, openshift_audit_level: openshift, ...record }) => ({
      content: { ...record, level: k8s ?? openshift },
    }),
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
  ...cloudwatch,
  ...azure,
  ...google,
  otlp,
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
  ...goCase,
];
