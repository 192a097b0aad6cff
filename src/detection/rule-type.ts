import type { Event } from "../event.ts";
import type { FieldType } from "../fields/types.ts";
import type { Guard } from "../guard/guard.ts";
import type { Data } from "../json.ts";
import type { Option, Options } from "../option/option.ts";
import { api } from "../plugin.ts";
import type { State } from "../state.ts";
import type { Trace } from "../transform/trace.ts";
import type { Note, Tick } from "../transform/transform.ts";
import type { Contradiction } from "./contradiction.ts";
import type { ElasticForm } from "./elastic-form.ts";
import type { Hash } from "./hash.ts";
import type { Needed } from "./needed.ts";
import type { QueryLanguage } from "./query-language.ts";
import type { Rule } from "./rule.ts";
import type { AskAhead, SharedHistory } from "./shared-history.ts";
import type { IndicatorSource } from "./threat-match/indicator.ts";

/** A way to evaluate events. A rule chooses it with `type`. `Part` is what such a rule has in addition to a `Rule`. */
export interface RuleType<Part extends object = object> {
  /** As written in rule files and Kibana. */
  readonly name: string;
  /** The language of its queries. The default is KQL. */
  readonly language?: QueryLanguage;
  /** Its part of a rule file: only rules of this type have these options. */
  readonly options: Options;
  /** What a test of such a rule has in addition. */
  readonly testOptions?: Options;
  /** Finds what is wrong with a rule in which each single option is valid. */
  check?(rule: Rule & Part): readonly Contradiction[];
  /** The reasons why an event that the query matches raises no alert, the strongest last. */
  readonly silences: readonly string[];
  /** Builds what handles the events that the rule's query matches, and perhaps the passing of time. */
  detector(rule: Rule & Part, tools: DetectorTools): Detector;
  /** Fields and values on which what the rule remembers depends, beside its query and time axis: others begin from empty. */
  memory?(rule: Rule & Part): readonly string[];
  /** The fields of an alert that depend on the type: `kibana.alert.rule.type`, its category and its parameters. */
  alertFields(rule: Rule & Part): Data;
  /** Reads what the detector found from an event that it sent on. Without it, the alert is about the whole event. */
  finding?(event: Event, rule: Rule): Finding;
  /** Its part as a section of the rule's card. */
  card?(rule: Rule & Part): { readonly title: string; readonly text: string };
  /** Its part of the rule with another lateness, in milliseconds, if the type has one: a pipeline can change it. */
  withLateness?(rule: Rule & Part, lateness: number): Part;
  /** How long it holds events before it judges them, in milliseconds; by default not at all. */
  holds?(rule: Rule & Part): number;
  /** What the pipeline must give, so that a rule can run; `undefined` if nothing. */
  needs?(rule: Rule & Part): Needed | undefined;
  /** It compares events with a history: while that is empty, everything is new to it. */
  readonly learns?: boolean;
  /**
   * Whether several weirs that share a history can run a rule as if they were one. If not, what it remembers for itself, in a
   * few words. Without it, they cannot.
   */
  sharing?(rule: Rule & Part): true | string;
  /** The fields whose values tell its alerts apart. */
  distinguishedBy?(rule: Rule & Part): readonly string[];
  /** How Elastic's rule files write a rule of this type. Without it, a rule of this type cannot come from such a file. */
  readonly elastic?: ElasticForm;
  /** How the tests of a rule write an alert: the option for it, and an alert in this form. `undefined`: they do not name it. */
  readonly testAlert: { option(description: string): Option; of(alert: Data): unknown };
}

export interface DetectorTools {
  /**
   * For this rule alone. Its `wake` takes a time on the rule's own axis: that of `timestamp`. See `DetectorTick`.
   */
  readonly state: State;
  readonly hash: Hash;
  /** The field with the event's time. */
  readonly timestamp: string;
  /** The types of fields that the pipeline gives, in place of those of ECS. */
  readonly types?: Readonly<Record<string, FieldType>> | undefined;
  /** Where indicators come from, for rules that compare events with them. */
  readonly indicators?: readonly IndicatorSource[] | undefined;
  /** The history that this weir shares with others, in place of one in `state`. */
  readonly shared?: { readonly history: SharedHistory; readonly owner: readonly string[] } | undefined;
  /** The id of the alert that has these ancestors and terms: `kibana.alert.uuid`. */
  alertId(of: Pick<Finding, "terms"> & { readonly ancestors: readonly { readonly id: string }[] }): string;
}

/** Handles events, and ticks if the type has them. */
export type Detector =
  | DetectEvent
  | {
      readonly event: DetectEvent;
      /** Runs when a time has come that `state.wake` asked for, or later. Each tick asks again for what is left. */
      tick?(tick: DetectorTick): void;
      /** With a shared history: what `event` needs to know first. */
      readonly ask?: AskAhead | undefined;
      /** What must hold for an event, so that it is not `filtered`. `event` may not be called for others. */
      readonly guard?: Guard;
    };

/** Returns the events to turn into alerts, or one of the type's `silences`, or `filtered`. */
export type DetectEvent = (event: Event, tools: EventTools) => readonly Event[] | string;

export interface EventTools {
  readonly note: Note;
  /** Says what was found and what is still waited for, in `weir explain` and `weir rules explain`. */
  readonly trace?: Trace | undefined;
}

/** The time passes for a rule. */
export interface DetectorTick {
  /**
   * The time on the rule's axis, in milliseconds since 1970. By `event.ingested` it is the time of the host; by another
   * field it is the latest time that an event had, and goes on while the sources are idle. An event can still come with
   * an earlier time.
   */
  readonly now: number;
  /** The sources have ended, or the host's clock was set back. */
  readonly final: boolean;
  readonly note: Note;
  /** Says what became of an event that came before, by its id, as `EventTools.trace` does. */
  readonly trace?: Tick["trace"] | undefined;
  /**
   * Raises an alert about data from state. Returns false when the tick is full: record your progress in state and return;
   * the next tick comes at once.
   */
  emit(raised: Raised): boolean;
}

/** Data from state to turn into an alert, with what `finding` reads from it. */
export interface Raised {
  /** The id of the event in it, if there is no finding. */
  readonly id: string;
  readonly data: Data;
  /** The time of the alert on the host's axis, in milliseconds since 1970; by default that of the tick. */
  readonly at?: number;
  /** The latest time, on the rule's axis, of the events that it was found in; by default that of the tick. */
  readonly found?: number;
}

/** An event or another alert that an alert was made from. */
export interface Ancestor {
  readonly id: string;
  readonly type: "event" | "signal";
  /** 0 for an event, 1 for an alert made from events. */
  readonly depth: number;
  /** The id of the rule of an alert. */
  readonly rule?: string;
}

/** What an alert is about. */
export interface Finding {
  /** Id of the event in which it was found. */
  readonly eventId: string;
  /** What it was made from, if not only of that event. The ids of these are part of its id. */
  readonly ancestors?: readonly Ancestor[];
  /** The fields and values that distinguish this alert from others of the same event. They are part of its id. */
  readonly terms: readonly { readonly field: string; readonly value: string }[];
  /** Sentences for the alert's reason. They follow the one that says what happened. */
  readonly sentences: readonly string[];
  /** Fields for the alert. They replace those that all alerts have. */
  readonly fields: Data;
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
