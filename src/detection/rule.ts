import type { Json } from "../json.ts";
import type { KqlNode } from "../kql/index.ts";
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
  /** What else an event must match, beside the query. */
  readonly filter?: KqlNode;
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

/** A timeline: events in order, each with the alerts that the rule must raise for it. */
export interface RuleTest {
  readonly name: string;
  readonly events: readonly {
    /** Time since the start of the test, in milliseconds, on the rule's time axis. */
    readonly at: number;
    readonly event: { readonly [key: string]: Json };
    /** The alerts that must be raised, in order, in the form that the rule's type defines. */
    readonly alerts: readonly unknown[];
  }[];
}

/** Every alert that the tests of a rule expect, and its path in the rule file. */
export const statedAlerts = ({ tests }: Rule) =>
  tests.flatMap(({ events }, test) =>
    events.flatMap(({ alerts }, event) =>
      alerts.map((alert, index) => ({ alert, path: ["tests", test, "events", event, "alerts", index] })),
    ),
  );
