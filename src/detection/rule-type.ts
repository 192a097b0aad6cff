import type { Event } from "../event.ts";
import type { Data } from "../json.ts";
import type { Option, Options } from "../option/option.ts";
import { api } from "../plugin.ts";
import type { State } from "../state.ts";
import type { Note } from "../transform/transform.ts";
import type { Hash } from "./hash.ts";
import type { Rule } from "./rule.ts";

/** A way to evaluate events. A rule chooses it with `type`. `Part` is what such a rule has in addition to a `Rule`. */
export interface RuleType<Part extends object = object> {
  /** As written in rule files and Kibana. */
  readonly name: string;
  /** Its part of a rule file: only rules of this type have these options. */
  readonly options: Options;
  /** Finds what is wrong with a rule in which each single option is valid. */
  check?(rule: Rule & Part): readonly Contradiction[];
  /** The reasons why an event that the query matches raises no alert, the strongest last. */
  readonly silences: readonly string[];
  /** Builds the step that handles the events that the rule's query matches. */
  detector(rule: Rule & Part, tools: DetectorTools): Detector;
  /** The fields of an alert that depend on the type: `kibana.alert.rule.type`, its category and its parameters. */
  alertFields(rule: Rule & Part): Data;
  /** Reads what the detector found from an event that it sent on. Without it, the alert is about the whole event. */
  finding?(event: Event, rule: Rule): Finding;
  /** Its part as a section of the rule's card. */
  card?(rule: Rule & Part): { readonly title: string; readonly text: string };
  /** How the tests of a rule write an alert: the option for it, and an alert in this form. */
  readonly testAlert: { option(description: string): Option; of(alert: Data): unknown };
}

export interface DetectorTools {
  /** For this rule alone. */
  readonly state: State;
  readonly hash: Hash;
  /** The field with the event's time. */
  readonly timestamp: string;
}

/** Returns the events to turn into alerts, or one of the type's `silences`. */
export type Detector = (event: Event, tools: { readonly note: Note }) => readonly Event[] | string;

/** What an alert is about. */
export interface Finding {
  /** Id of the event in which it was found. */
  readonly eventId: string;
  /** The fields and values that distinguish this alert from others of the same event. They are part of its id. */
  readonly terms: readonly { readonly field: string; readonly value: string }[];
  /** Sentences for the alert's reason. They follow the one that says what happened. */
  readonly sentences: readonly string[];
  /** Fields for the alert. */
  readonly fields: Data;
}

/** Two parts of a rule that contradict each other. */
export interface Contradiction {
  /** Where in the rule file. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Describes a rule type for use by others; importing the result does nothing. */
export const defineRuleType = <Part extends object>(type: RuleType<Part>) =>
  ({ kind: "rule_type", api, ...type }) as const;

/** Rules that come with a package: a folder of rule files, each named like its rule. */
export interface RuleFolder {
  /** Such as `new URL("./rules/", import.meta.url)`. */
  readonly folder: URL;
}

/** Describes a folder of rules; importing the result does nothing. */
export const defineRules = (rules: RuleFolder) => ({ kind: "rules", api, ...rules }) as const;
