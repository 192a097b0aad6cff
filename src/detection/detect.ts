import type { Event } from "../event.ts";
import { compileKql } from "../kql/index.ts";
import type { State } from "../state.ts";
import type { KeepStep, Note } from "../transform/transform.ts";
import { newTerms } from "./new-terms/new-terms.ts";
import type { Hash } from "./new-terms/terms.ts";
import type { Rule } from "./rule.ts";
import { toAlert } from "./to-alert.ts";

export interface DetectOptions {
  readonly rules: readonly Rule[];
  /** The field with the event's time, in place of the rules' own. */
  readonly timestamp?: string | undefined;
  readonly state: State;
  readonly hash: Hash;
}

/** Why an event raised no alert. */
type Silence = "filtered" | "no_terms" | "known";
type Detector = (event: Event, tools: { readonly note: Note }) => readonly Event[] | Silence;

/**
 * Runs detection rules, a step for `keep`: an event goes on as one alert for each rule and new combination, in the order of the rules. The
 * alerts are those that the rule's query as a filter, `newTerms` and `toAlert` give one after the other. An event without
 * an alert is consumed as `filtered` (no query matched), `no_terms` or `known` (see `newTerms`).
 */
export const detect = ({ rules, timestamp, state, hash }: DetectOptions): KeepStep => {
  const detectors = rules.map((rule) => detector(rule, { timestamp, state: state.scope(rule.id), hash }));
  return (event, tools) => {
    let alerts: readonly Event[] = [];
    let silence: Silence = "filtered";
    for (const detect of detectors) {
      const found = detect(event, tools);
      if (typeof found === "string") silence = louder(silence, found);
      else alerts = alerts.length === 0 ? found : [...alerts, ...found];
    }
    return alerts.length > 0 ? alerts : silence;
  };
};

const order: readonly Silence[] = ["filtered", "no_terms", "known"];
const louder = (a: Silence, b: Silence): Silence => (order.indexOf(a) < order.indexOf(b) ? b : a);

const detector = (rule: Rule, { timestamp = rule.timestamp, state, hash }: Omit<DetectOptions, "rules">): Detector => {
  const matches = compileKql(rule.query);
  const alert = toAlert({ rule, hash });
  if (!rule.new_terms) return (event) => (matches(event.data) ? [alert(event)] : "filtered");
  const find = newTerms({ id: rule.id, ...rule.new_terms, selection: rule.query, timestamp, state, hash });
  return (event, tools) => {
    if (!matches(event.data)) return "filtered";
    const found = find(event, tools);
    return typeof found === "string" ? found : found.map(alert);
  };
};
