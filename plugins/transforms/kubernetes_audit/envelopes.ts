import type { Data } from "weir";
import { isObject } from "weir/fields";
import { around } from "./around.ts";
import { azure } from "./azure.ts";
import { cloudwatch } from "./cloudwatch.ts";
import type { AuditEnvelope } from "./envelope.ts";
import { goCase } from "./go-case.ts";
import { google } from "./google.ts";
import { otlp } from "./otlp.ts";
import { isAudit, splitMerged } from "./shape.ts";

const auditLevel = ({ k8s_audit_level, openshift_audit_level }: Data) => k8s_audit_level ?? openshift_audit_level;

/** The envelopes that are JSON objects; the first that matches is opened. */
export const envelopes: readonly AuditEnvelope[] = [
  {
    // The body of a request of a kube-apiserver audit webhook; Go omits kind and apiVersion in the items.
    name: "event_list",
    matches: ({ kind, items }) => Array.isArray(items) && (kind === undefined || kind === "EventList"),
    open: ({ items, apiVersion }) => {
      // The items inherit these from the list.
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
    // OpenShift's log collector (ViaQ): `level` is the level of a log line; the event's level has another name.
    name: "openshift",
    matches: (record) => isAudit(record) && typeof auditLevel(record) === "string",
    open: ({ k8s_audit_level: k8s, openshift_audit_level: openshift, ...record }) => ({
      content: { ...record, level: k8s ?? openshift },
    }),
  },
  {
    // A record of Fluent Bit (merged), or of any shipper that adds its own members to those of the event.
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
    // An event of the source `otlp` whose body was parsed by a Collector. The notes in `otlp` are about places in the body.
    name: "otlp_event",
    matches: ({ body }) => isObject(body) && isAudit(body),
    open: ({ body, otlp: _, ...fields }) => ({ content: body, context: around(fields) }),
  },
  {
    // Fluent Bit's tail input: the line is under "log". It may in turn be a line of a container runtime.
    name: "fluent_bit",
    matches: ({ log }) => typeof log === "string" || (isObject(log) && isAudit(log)),
    open: ({ log, ...fields }) => ({ content: log, context: around(fields) }),
  },
  {
    // The text codec, and every shipper that sends the line unchanged.
    name: "line",
    matches: ({ message }) => typeof message === "string",
    open: ({ message, ...fields }) => ({ content: message, context: around(fields) }),
  },
  {
    // Where Elastic keeps the line after the first ingest step.
    name: "original",
    matches: ({ event }) => isObject(event) && typeof event["original"] === "string",
    open: ({ event, ...fields }) => {
      const { original, ...rest } = event as Data;
      return { content: original, context: around({ ...fields, event: rest }) };
    },
  },
  ...goCase,
];
