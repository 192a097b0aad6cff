import type { Deployment } from "../context.ts";
import type { Event } from "../event.ts";
import { compileKql } from "../kql/index.ts";
import type { State } from "../state.ts";
import { counted } from "../text.ts";
import type { KeepStep } from "../transform/transform.ts";
import type { Hash } from "./hash.ts";
import type { Rule } from "./rule.ts";
import type { Detector } from "./rule-type.ts";
import { typeOfRule } from "./rule-types.ts";
import { toAlert } from "./to-alert.ts";

export interface DetectOptions {
  readonly rules: readonly Rule[];
  /** The field with the event's time, which overrides the one that each rule names. */
  readonly timestamp?: string | undefined;
  readonly state: State;
  readonly hash: Hash;
  /** Where weir runs, for alerts. */
  readonly deployment?: Deployment | undefined;
}

/**
 * Runs detection rules, as a step for `keep`: for an event, it sends one alert for each rule and finding, in the order of
 * the rules. For each rule, its query, the detector of its type and `toAlert` run in turn. An event without an alert is
 * consumed: as `filtered` if no query matched, otherwise with the strongest reason that a type gives.
 */
export const detect = ({ rules, timestamp, state, hash, deployment }: DetectOptions): KeepStep => {
  const order = [filtered, ...rules.flatMap((rule) => typeOfRule(rule).silences)];
  const stronger = (a: string, b: string): string => (a === b || order.indexOf(a) > order.indexOf(b) ? a : b);
  const detectors = rules.map((rule) => detector(rule, { timestamp, state: state.scope(rule.id), hash, deployment }));
  return (event, tools) => {
    let alerts: readonly Event[] = [];
    let silence: string = filtered;
    for (const [index, detect] of detectors.entries()) {
      const found = detect(event, tools);
      tools.trace?.({ title: `rule ${rules[index]!.name}`, outcome: outcomeOf(found) });
      if (typeof found === "string") silence = stronger(silence, found);
      else alerts = alerts.length === 0 ? found : [...alerts, ...found];
    }
    return alerts.length > 0 ? alerts : silence;
  };
};

/** The query does not match. */
const filtered = "filtered";

/** For `weir explain`. */
const outcomeOf = (found: string | readonly Event[]): string => {
  if (typeof found !== "string") return `raises ${counted(found.length, "alert")}`;
  return found === filtered ? "its query does not match" : `its query matches, but no alert: ${found}`;
};

const detector = (
  rule: Rule,
  { timestamp = rule.timestamp, state, hash, deployment }: Omit<DetectOptions, "rules">,
): Detector => {
  const matches = compileKql(rule.query);
  const alert = toAlert({ rule, hash, deployment });
  const find = typeOfRule(rule).detector(rule, { timestamp, state, hash });
  return (event, tools) => {
    if (!matches(event.data)) return filtered;
    const found = find(event, tools);
    return typeof found === "string" ? found : found.map(alert);
  };
};
