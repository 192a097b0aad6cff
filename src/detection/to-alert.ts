import { type Event, withData } from "../event.ts";
import { fieldValues } from "../fields/values.ts";
import { isObject } from "../json.ts";
import { RejectError } from "../transform/reject.ts";
import { parseTime } from "./event-time.ts";
import { type Hash, type NewTerms, timeText, tuple } from "./new-terms/terms.ts";
import { reason } from "./reason.ts";
import type { Rule } from "./rule.ts";
import { ruleFields } from "./rule-fields.ts";
import { copyFields, sourceFields } from "./source-fields.ts";

export interface AlertOptions {
  readonly rule: Rule;
  readonly hash: Hash;
}

/**
 * Makes an alert of each event: an ECS document with the whole event, `event.kind: signal` and the `kibana.alert.*`
 * fields that Elastic's detection engine writes. It follows from the event, the rule and what `newTerms` found alone, so
 * the same event gives the same alert under the same id. An event that a new-terms rule gets without `weir.new_terms`
 * goes to the dead letter as `no_new_terms`.
 */
export const toAlert = ({ rule, hash }: AlertOptions) => {
  const ofRule = ruleFields(rule);
  return (event: Event): Event => {
    const { data, meta } = event;
    const found = foundIn(event, rule);
    const eventId = found?.event_id ?? meta.id;
    const values = found?.terms.map(({ value }) => value) ?? [];
    const id = hash(tuple(rule.id, eventId, ...values));
    const ingested = timeText(meta.ingested);
    return withData(
      event,
      {
        ...sourceFields(data),
        "@timestamp": ingested,
        "kibana.alert.uuid": id,
        "kibana.alert.status": "active",
        "kibana.alert.workflow_status": "open",
        "kibana.alert.depth": 1,
        "kibana.alert.ancestors": [{ id: eventId, type: "event", depth: 0 }],
        "kibana.alert.start": ingested,
        "kibana.alert.last_detected": ingested,
        "kibana.alert.original_time": originalTime(event),
        "kibana.alert.reason": reason(data, rule, found),
        "kibana.alert.severity": rule.severity,
        "kibana.alert.risk_score": rule.risk_score,
        ...(found && { "kibana.alert.new_terms": values }),
        ...ofRule,
        ...copyFields(data, "event", "kibana.alert.original_event"),
        ...copyFields(data, "data_stream", "kibana.alert.original_data_stream"),
        ...(found && { weir: { new_terms: found } }),
      },
      id,
    );
  };
};

const foundIn = ({ data }: Event, rule: Rule): NewTerms | undefined => {
  if (rule.type !== "new_terms") return undefined;
  const { weir } = data;
  if (isObject(weir) && isObject(weir["new_terms"])) return weir["new_terms"] as unknown as NewTerms;
  throw new RejectError(
    "no_new_terms",
    `The event has no "weir.new_terms", which an alert of the new-terms rule "${rule.name}" tells of. Put a new_terms transform before the alert transform.`,
  );
};

const timestampOf = fieldValues("@timestamp");

/** The event's own `@timestamp`, or its ingestion where it has none that can be read. */
const originalTime = ({ data, meta }: Event): string => timeText(parseTime(timestampOf(data)[0]) ?? meta.ingested);
