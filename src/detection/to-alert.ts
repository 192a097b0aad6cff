import type { Deployment } from "../context.ts";
import { type Event, withData } from "../event.ts";
import { fieldValues } from "../fields/values.ts";
import { parseTime, timeText } from "./event-time.ts";
import { type Hash, tuple } from "./hash.ts";
import { originFields } from "./origin-fields.ts";
import { reason } from "./reason.ts";
import { requestOf } from "./request.ts";
import type { Rule } from "./rule.ts";
import { ruleFields } from "./rule-fields.ts";
import type { Finding } from "./rule-type.ts";
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
export const toAlert = ({ rule, hash, deployment }: AlertOptions) => {
  const ofRule = ruleFields(rule);
  const { finding: findingOf = asItIs } = typeOfRule(rule);
  return (event: Event): Event => {
    const { data, meta } = event;
    const finding = findingOf(event, rule);
    const { eventId, terms, fields } = finding;
    const id = hash(tuple([rule.id, eventId, ...terms.map(({ value }) => value)]));
    const ingested = timeText(meta.ingested);
    const request = requestOf(data);
    return withData(
      event,
      {
        ...originFields(sourceFields(data, request), request, deployment),
        "@timestamp": ingested,
        "kibana.alert.uuid": id,
        "kibana.alert.status": "active",
        "kibana.alert.workflow_status": "open",
        "kibana.alert.depth": 1,
        "kibana.alert.ancestors": [{ id: eventId, type: "event", depth: 0 }],
        "kibana.alert.start": ingested,
        "kibana.alert.last_detected": ingested,
        "kibana.alert.original_time": originalTime(event),
        "kibana.alert.reason": reason(data, rule, finding),
        "kibana.alert.severity": rule.severity,
        "kibana.alert.risk_score": rule.risk_score,
        ...fields,
        ...ofRule,
        ...copyFields(data, "event", "kibana.alert.original_event"),
        ...copyFields(data, "data_stream", "kibana.alert.original_data_stream"),
      },
      id,
    );
  };
};

/** The finding of a type that looks only at the event itself. */
const asItIs = ({ meta }: Event): Finding => ({ eventId: meta.id, terms: [], sentences: [], fields: {} });

const timestampOf = fieldValues("@timestamp");

/** The event's own `@timestamp`, or the time of its ingestion if that cannot be read. */
const originalTime = ({ data, meta }: Event): string => timeText(parseTime(timestampOf(data)[0]) ?? meta.ingested);
