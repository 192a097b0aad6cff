import type { Data, Json } from "../json.ts";
import type { FilterNode } from "./filter-query.ts";
import type { Cap, Suppression } from "./limits/options.ts";
import type { Profile } from "./overrides/profiles.ts";

/** What detection rules of all types have, read from a file and checked. Durations are in milliseconds. */
export interface Rule {
  /** The name of the file without `.yaml` or `.toml`. Pipelines refer to the rule by this name. */
  readonly name: string;
  /** A UUID, which stays the same when the rule is renamed or edited. */
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly description: string;
  /** The name of its `RuleType`. */
  readonly type: string;
  /** What it asks for, in the language of its type. */
  readonly query: string;
  /** The field with the event's time, by which the window is measured; `event.ingested` is the host's timestamp. */
  readonly timestamp: string;
  readonly severity: "low" | "medium" | "high" | "critical";
  readonly risk_score: number;
  readonly threat: readonly Threat[];
  readonly tags: readonly string[];
  readonly categories: readonly string[];
  readonly data_source: string;
  /** `YYYY-MM-DD`. */
  readonly created: string;
  readonly author: readonly string[];
  readonly license: string;
  /** The rule that this one is based on, if any. */
  readonly origin?: { readonly url: string; readonly license: string };
  readonly references: readonly string[];
  readonly false_positives: readonly string[];
  /** How to tune the rule and investigate its alerts, in Markdown. */
  readonly note: string;
  readonly tests: readonly RuleTest[];
  /** Its alerts are building blocks of others: Kibana does not show them among the alerts by default. */
  readonly building_block?: true;
  /** The ids of the exception lists in Kibana that it names. */
  readonly exception_lists?: readonly string[];
  /** What else an event must match, beside the query. */
  readonly filter?: FilterNode;
  /** The severity of an alert about an event that has the value in the field. */
  readonly severity_mapping?: readonly {
    readonly field: string;
    readonly value: string;
    readonly severity: Rule["severity"];
  }[];
  /** The field with the risk score of an alert. */
  readonly risk_score_mapping?: readonly { readonly field: string }[];
  /** The field with the name of an alert. */
  readonly rule_name_override?: string;
  /** Tried sets of changes, which a pipeline can choose by name. */
  readonly profiles?: Readonly<Record<string, Profile>>;
  /** The events that the chosen profile leaves out, as a KQL query. */
  readonly without?: string;
  /** Which of its alerts are suppressed. */
  readonly suppression?: Suppression;
  /** How many of its alerts are sent within a time; by default all. */
  readonly max_alerts?: Cap;
  /** Further fields of its alerts, such as `kibana.alert.rule.setup`: rules of Elastic have them. */
  readonly more?: { readonly [field: string]: Json };
}

/** One MITRE ATT&CK tactic, with the techniques that the rule looks for. */
export interface Threat {
  readonly tactic: { readonly id: string; readonly name: string };
  readonly techniques: readonly {
    readonly id: string;
    readonly name: string;
    readonly subtechniques?: readonly { readonly id: string; readonly name: string }[];
  }[];
}

/** A timeline: what happens in order, with the alerts that the rule must raise. */
export interface RuleTest {
  readonly name: string;
  /** The indicators that there are, for rules that compare events with them. */
  readonly indicators?: readonly Data[];
  /** The fields to search for a text that names no field. */
  readonly default_fields?: readonly string[];
  readonly events: readonly RuleTestStep[];
}

/** An event that comes, time that passes, or an end of weir: by a signal (`restart`) or by SIGKILL (`crash`). */
export type RuleTestStep = "restart" | "crash" | TimedStep;

/** Times are in milliseconds. */
export interface TimedStep {
  /** Since the start of the test; by default at once. */
  readonly at?: number;
  /** How much time passes. */
  readonly advance?: number;
  readonly event?: { readonly [key: string]: Json };
  /**
   * The alerts that must have been raised since the last step with `alerts`, in order, in the form that the rule's type
   * defines. Those after the last such step must be none.
   */
  readonly alerts?: readonly unknown[];
}

/** Every step of the tests of a rule that is not a word, and its path in the rule file. */
export const timedSteps = ({ tests }: Pick<Rule, "tests">) =>
  tests.flatMap(({ events }, test) =>
    events.flatMap((step, index) =>
      typeof step === "string" ? [] : [{ step, path: ["tests", test, "events", index] }],
    ),
  );

/** Every alert that the tests of a rule expect, and its path in the rule file. */
export const statedAlerts = (rule: Rule) =>
  timedSteps(rule).flatMap(({ step: { alerts = [] }, path }) =>
    alerts.map((alert, index) => ({ alert, path: [...path, "alerts", index] })),
  );
