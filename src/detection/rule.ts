import type { Json } from "../json.ts";

/** A detection rule, read from its YAML file and checked. Durations are in milliseconds. */
export interface Rule {
  /** The name of the file without `.yaml`, which pipelines refer to. */
  readonly name: string;
  /** A UUID that stays when the rule is renamed or edited. */
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly description: string;
  readonly type: "new_terms" | "query";
  /** KQL; an event must match it. */
  readonly query: string;
  readonly new_terms?: {
    readonly fields: readonly string[];
    /** How long a combination counts as known after it was seen, in milliseconds. */
    readonly window: number;
    /** How late an event may arrive and still be judged exactly, in milliseconds. */
    readonly lateness?: number;
  };
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
    /** The combinations that must raise an alert, in order. */
    readonly alerts: readonly (readonly string[])[];
  }[];
}
