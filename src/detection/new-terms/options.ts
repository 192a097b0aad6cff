import type { FieldTypes } from "../../fields/mappings.ts";
import type { State } from "../../state.ts";
import type { Hash } from "../hash.ts";

export interface NewTermsOptions {
  /** The owner of the history: the id of the component or of the rule. */
  readonly id: string;
  /** For people; by default the id. */
  readonly name?: string;
  /** One to three fields whose values form a combination. */
  readonly fields: readonly string[];
  /** How far back a combination counts as known, in milliseconds. */
  readonly window: number;
  /** How late an event can be and still be judged exactly, in milliseconds; by default the window. */
  readonly lateness?: number | undefined;
  /** The field with the event's time; by default `event.ingested`, the host's own timestamp. See `eventTime`. */
  readonly timestamp?: string | undefined;
  /** The text that selects the events, such as a rule's query. A different text starts a new history. */
  readonly selection?: string;
  /** The types of fields, in place of those of ECS: equal values of a type are one term. */
  readonly types?: FieldTypes;
  readonly state: State;
  readonly hash: Hash;
}
