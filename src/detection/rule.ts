import type { Json } from "../json.ts";

/** A detection rule, read from its YAML file and checked: what rules of all types have. Durations are in milliseconds. */
export interface Rule {
  /** The name of the file without `.yaml`, which pipelines refer to. */
  readonly name: string;
  /** A UUID that stays when the rule is renamed or edited. */
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly description: string;
  /** The name of its `RuleType`. */
  readonly type: string;
  /** KQL; an event must match it. */
  readonly query: string;
  /** The field whose time the window is measured in; `event.ingested` is the host's timestamp. */
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
    /** The alerts that must be raised, in order, as the rule's type writes them in tests. */
    readonly alerts: readonly unknown[];
  }[];
}

/** Every alert that the tests of a rule state, and its place in the rule file. */
export const statedAlerts = ({ tests }: Rule) =>
  tests.flatMap(({ events }, test) =>
    events.flatMap(({ alerts }, event) =>
      alerts.map((alert, index) => ({ alert, path: ["tests", test, "events", event, "alerts", index] })),
    ),
  );
