/** One value of a new combination, and what is known of it by itself. Times are ISO 8601 with milliseconds, in UTC. */
export interface Term {
  readonly field: string;
  readonly value: string;
  /** Not seen in the window before, in any combination. */
  readonly new: boolean;
  /** When it was seen last before; absent if never, or if the event came out of order and only the window is known. */
  readonly last_seen?: string;
}

/** What `newTerms` says of an event, under `weir.new_terms` in its data: one new combination of terms. */
export interface NewTerms {
  /** Id of the event that the combination was found in. */
  readonly event_id: string;
  /** The event's time, on the axis that the window is measured on. */
  readonly at: string;
  /** That axis: the field with the event's time, or `event.ingested`. */
  readonly timestamp: string;
  /** The history window, as pipelines write it: `7d`. */
  readonly window: string;
  /** In the order of the fields; empty where `beyond` is given. */
  readonly terms: readonly Term[];
  /** When this combination was seen last before the window; absent if never, or too long ago to be remembered. */
  readonly last_seen?: string;
  /** How many combinations of this event are beyond the cap and were not looked at one by one. */
  readonly beyond?: number;
  /** There was no room to remember it, so it will be new again. */
  readonly state_full?: true;
}
