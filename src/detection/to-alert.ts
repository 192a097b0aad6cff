import type { Deployment } from "../context.ts";
import { type Event, type Meta, withData } from "../event.ts";
import { fieldValues } from "../fields/values.ts";
import { JoinedEvent, SharedMembers } from "../joined-event.ts";
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
  const partsOf = alertParts(options);
  return (event: Event): Event => {
    const { id, own, shared, last } = partsOf(event);
    return new JoinedEvent(withData(event, own, id), shared, last);
  };
};

/** The data and the id of the alert about an event, or about what a detector made of several. */
export const alertMaker = (options: AlertOptions) => {
  const partsOf = alertParts(options);
  return (event: Event): { readonly id: string; readonly data: Data } => {
    const { id, own, shared, last } = partsOf(event);
    return { id, data: { ...own, ...shared.data, ...last } };
  };
};

/** The members of an alert, in their order: none is in two of these. */
interface AlertParts {
  readonly id: string;
  readonly own: Data;
  /** Those of its rule. */
  readonly shared: SharedMembers;
  readonly last: Data;
}

const alertParts = ({ rule, hash, deployment }: AlertOptions) => {
  const ofRule = ruleFields(rule);
  const shared = new SharedMembers(ofRule.rule);
  const { finding: findingOf = asItIs } = typeOfRule(rule);
  const idOf = alertId(rule, hash);
  const mapped = mappedFields(rule);
  return (event: Event): AlertParts => {
    const { data, meta } = event;
    const finding = findingOf(event, rule);
    const { eventId, terms, fields, ancestors = [eventOf(eventId)] } = finding;
    const id = idOf({ ancestors, terms });
    const ingested = timeText(meta.ingested);
    const told = requestOf(data);
    const request = deployment?.cluster === undefined ? told : { cluster: deployment.cluster, ...told };
    const { severity, risk_score, title } = mapped(data);
    const own = originFields(sourceFields(data, request), request, deployment);
    own["@timestamp"] = ingested;
    own["kibana.alert.uuid"] = id;
    own["kibana.alert.status"] = "active";
    own["kibana.alert.workflow_status"] = "open";
    own["kibana.alert.depth"] = 1 + deepest(ancestors);
    own["kibana.alert.ancestors"] = ancestors;
    own["kibana.alert.start"] = ingested;
    own["kibana.alert.last_detected"] = ingested;
    own["kibana.alert.original_time"] = originalTime(data, meta);
    own["kibana.alert.reason"] = reason(data, { severity, title }, finding, request);
    own["kibana.alert.severity"] = severity;
    own["kibana.alert.risk_score"] = risk_score;
    Object.assign(own, ofRule.alert, fields);
    const last: Record<string, unknown> = {};
    copyFields(data, "event", "kibana.alert.original_event", last);
    copyFields(data, "data_stream", "kibana.alert.original_data_stream", last);
    const isShared = title === rule.title && areDifferent(own, ofRule.rule) && areDifferent(last, ofRule.rule);
    if (isShared) return { id, own, shared, last };
    // The rule replaces other members, or the event its name.
    const named = title === rule.title ? {} : { "kibana.alert.rule.name": title };
    return { id, own: { ...own, ...ofRule.rule, ...named, ...last }, shared: noMembers, last: noMembers.data };
  };
};

const noMembers = new SharedMembers({});

/** Whether two objects have no member in common. */
const areDifferent = (one: Data, other: Data): boolean => {
  for (const name in one) if (name in other) return false;
  return true;
};

const eventOf = (id: string): Ancestor => ({ id, type: "event", depth: 0 });

const deepest = (ancestors: readonly Ancestor[]): number =>
  ancestors.reduce((most, { depth }) => Math.max(most, depth), 0);

/** The finding of a type that looks only at the event itself. */
const asItIs = ({ meta }: Event): Finding => ({ eventId: meta.id, terms: [], sentences: [], fields: {} });

const timestampOf = fieldValues("@timestamp");

/** The event's own `@timestamp`, or the time of its ingestion if that cannot be read. */
const originalTime = (data: Data, { ingested }: Meta): string => {
  const [timestamp] = timestampOf(data);
  const text = timeText(ingested);
  return timestamp === text ? text : timeText(parseTime(timestamp) ?? ingested);
};
