import type { Json } from "../json.ts";

/** A detection rule, as its YAML file says it, checked. Durations are in milliseconds. */
export interface Rule {
  /** The file's name without `.yaml`: how pipelines refer to it. */
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
    /** How far back a combination counts as known, in milliseconds. */
    readonly window: number;
    /** How late an event may be and still be judged exactly, in milliseconds. */
    readonly lateness?: number;
  };
  /** The field whose time the window is measured in; `event.ingested` is the host's own stamp. */
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
  /** Where the rule comes from, when it follows another one. */
  readonly origin?: { readonly url: string; readonly license: string };
  readonly references: readonly string[];
  readonly false_positives: readonly string[];
  /** How to tune it, how to look into its alerts: Markdown. */
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

/** A timeline: events in order, each with what the rule must say to it. */
export interface RuleTest {
  readonly name: string;
  readonly events: readonly {
    /** Time since the start of the test, in milliseconds, on the rule's time axis. */
    readonly at: number;
    readonly event: { readonly [key: string]: Json };
    /** The combinations that must alert, in order; empty: none. */
    readonly alerts: readonly (readonly string[])[];
  }[];
}
