import type { Event } from "../event.ts";
import type { Data } from "../json.ts";
import type { Option, Options } from "../option/option.ts";
import type { State } from "../state.ts";
import type { Note } from "../transform/transform.ts";
import type { Hash } from "./hash.ts";
import type { Rule } from "./rule.ts";

/** A way to evaluate events, which rules choose with `type`. `Part` is what such a rule has beside a `Rule`. */
export interface RuleType<Part extends object = object> {
  /** As rule files and Kibana write it. */
  readonly name: string;
  /** Its own part of a rule file: only rules of this type have these options. */
  readonly options: Options;
  /** What is wrong with a rule although each option is right by itself. */
  check?(rule: Rule & Part): readonly Contradiction[];
  /** Why an event that the query matches raises no alert, the strongest reason last. */
  readonly silences: readonly string[];
  /** Builds the step that gets the events that the rule's query matches. */
  detector(rule: Rule & Part, tools: DetectorTools): Detector;
  /** The fields of an alert that follow from the type: `kibana.alert.rule.type`, its category and its parameters. */
  alertFields(rule: Rule & Part): Data;
  /** Reads what the detector found from an event that it sent on. Without it, the alert is about the event as it is. */
  finding?(event: Event, rule: Rule): Finding;
  /** How its part reads on the rule's card. */
  card?(rule: Rule & Part): { readonly title: string; readonly text: string };
  /** How the tests of a rule write one alert, and an alert in this form. */
  readonly testAlert: { option(description: string): Option; of(alert: Data): unknown };
}

export interface DetectorTools {
  /** For this rule alone. */
  readonly state: State;
  readonly hash: Hash;
  /** The field with the event's time. */
  readonly timestamp: string;
}

/** Returns the events to make alerts of, or one of the type's `silences`. */
export type Detector = (event: Event, tools: { readonly note: Note }) => readonly Event[] | string;

/** What an alert is about. */
export interface Finding {
  /** Id of the event that it was found in. */
  readonly eventId: string;
  /** The value of each field that makes this alert differ from others of the same event. They are part of its id. */
  readonly terms: readonly { readonly field: string; readonly value: string }[];
  /** Sentences for the alert's reason, after the one that says what happened. */
  readonly sentences: readonly string[];
  /** Fields for the alert. */
  readonly fields: Data;
}

/** Two parts of a rule that cannot both be meant. */
export interface Contradiction {
  /** Where in the rule file. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}
