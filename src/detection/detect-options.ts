import type { Deployment, Log } from "../context.ts";
import type { State } from "../state.ts";
import type { Exception } from "./exceptions/options.ts";
import type { Hash } from "./hash.ts";
import type { Override } from "./overrides/overrides.ts";
import type { QueryFields } from "./query-language.ts";
import type { Rule } from "./rule.ts";
import type { SharedHistory } from "./shared-history.ts";
import type { IndicatorSource } from "./threat-match/indicator.ts";
import type { DetectionWatch } from "./watch.ts";

/** `fields` and `default_fields` are for the queries of all rules. */
export interface DetectOptions extends QueryFields {
  /** The rules, or lists of them as `rulesOption` decodes them. Each runs once. */
  readonly rules: readonly (Rule | readonly Rule[])[];
  /** The field with the event's time, which overrides the one that each rule names. */
  readonly timestamp?: string | undefined;
  /** Events that rules do not see. */
  readonly exceptions?: readonly Exception[] | undefined;
  /** More of them, from files. */
  readonly exception_files?: readonly (readonly Exception[])[] | undefined;
  /** Changes to rules, by name, id or tag. */
  readonly overrides?: Readonly<Record<string, Override>> | undefined;
  /** Sends every alert: suppression and caps have no effect. The tests of a rule are about what it finds. */
  readonly isUnlimited?: boolean | undefined;
  /** Only the rules with these ids run; the others are checked. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Sees what becomes no alert. */
  readonly watch?: DetectionWatch | undefined;
  /** The id of the component. */
  readonly id?: string | undefined;
  /** How long each rule learns, in milliseconds, before it raises alerts. */
  readonly learn_for?: number | undefined;
  /** Given if the component has a baseline, whose events raise no alert. */
  readonly baseline?: object | undefined;
  readonly log?: Log | undefined;
  /** Where indicators come from, for rules of type threat_match. */
  readonly indicators?: readonly IndicatorSource[] | undefined;
  readonly state: State;
  /** The history that several weirs share, for rules of type new_terms. */
  readonly shared?: SharedHistory | undefined;
  readonly hash: Hash;
  /** Where weir runs, for alerts. */
  readonly deployment?: Deployment | undefined;
}
