import type { Deployment } from "../context.ts";
import { type Event, type Meta, withData } from "../event.ts";
import { fieldValues } from "../fields/values.ts";
import type { Data } from "../json.ts";
import { alertId } from "./alert-id.ts";
import { parseTime, timeText } from "./event-time.ts";
import type { Hash } from "./hash.ts";
import { mappedFields } from "./mapped-fields.ts";
import { originFields } from "./origin-fields.ts";
import { reason } from "./reason.ts";
import { requestOf } from "./request.ts";
import type { Rule } from "./rule.ts";
import { ruleFields } from "./rule-fields.ts";
import type { Ancestor, Finding } from "./rule-type.ts";
import { typeOfRule } from "./rule-types.ts";
import { copyFields, sourceFields } from "./source-fields.ts";

export interface AlertOptions {
  readonly rule: Rule;
  readonly hash: Hash;
  /** Where weir runs, for what the event does not say itself. */
  readonly deployment?: Deployment | undefined;
}

/**
 * Turns each event into an alert: an ECS document with the whole event, `event.kind: signal` and the `kibana.alert.*`
 * fields that Elastic's detection engine writes. `event.outcome` is added if the event has none, but the status of its
 * request; so are `host.name` and `orchestrator.cluster.name`, and who made the alert, as `agent`. The id of the alert depends only on
 * the rule, the event, and what the detector of the rule's type added to it. An event without what the type
 * needs goes to the dead letter.
 */
export const toAlert = (options: AlertOptions) => {
  const alertOf = alertMaker(options);
  return (event: Event): Event => {
    const { id, data } = alertOf(event);
    return withData(event, data, id);
  };
};

/** The data and the id of the alert about an event, or about what a detector made of several. */
export const alertMaker = ({ rule, hash, deployment }: AlertOptions) => {
  const ofRule = ruleFields(rule);
  const { finding: findingOf = asItIs } = typeOfRule(rule);
  const idOf = alertId(rule, hash);
  const mapped = mappedFields(rule);
  return (event: Event): { readonly id: string; readonly data: Data } => {
    const { data, meta } = event;
    const finding = findingOf(event, rule);
    const { eventId, terms, fields, ancestors = [eventOf(eventId)] } = finding;
    const id = idOf({ ancestors, terms });
    const ingested = timeText(meta.ingested);
    const told = requestOf(data);
    const request = deployment?.cluster === undefined ? told : { cluster: deployment.cluster, ...told };
    const { severity, risk_score, title } = mapped(data);
    return {
      id,
      data: {
        ...originFields(sourceFields(data, request), request, deployment),
        "@timestamp": ingested,
        "kibana.alert.uuid": id,
        "kibana.alert.status": "active",
        "kibana.alert.workflow_status": "open",
        "kibana.alert.depth": 1 + deepest(ancestors),
        "kibana.alert.ancestors": ancestors,
        "kibana.alert.start": ingested,
        "kibana.alert.last_detected": ingested,
        "kibana.alert.original_time": originalTime(data, meta),
        "kibana.alert.reason": reason(data, { severity, title }, finding, request),
        "kibana.alert.severity": severity,
        "kibana.alert.risk_score": risk_score,
        ...ofRule.alert,
        ...fields,
        ...ofRule.rule,
        ...(title !== rule.title && { "kibana.alert.rule.name": title }),
        ...copyFields(data, "event", "kibana.alert.original_event"),
        ...copyFields(data, "data_stream", "kibana.alert.original_data_stream"),
      },
    };
  };
};

const eventOf = (id: string): Ancestor => ({ id, type: "event", depth: 0 });

const deepest = (ancestors: readonly Ancestor[]): number =>
  ancestors.reduce((most, { depth }) => Math.max(most, depth), 0);

/** The finding of a type that looks only at the event itself. */
const asItIs = ({ meta }: Event): Finding => ({ eventId: meta.id, terms: [], sentences: [], fields: {} });

const timestampOf = fieldValues("@timestamp");

/** The event's own `@timestamp`, or the time of its ingestion if that cannot be read. */
const originalTime = (data: Data, meta: Meta): string => timeText(parseTime(timestampOf(data)[0]) ?? meta.ingested);
