/** One value of a new combination, and what is known about this value alone. Times are ISO 8601 with milliseconds, in UTC. */
export interface Term {
  readonly field: string;
  readonly value: string;
  /** Not seen in the window before, in any combination. */
  readonly new: boolean;
  /** When it was last seen; absent if never, or if the event came out of order and the exact time is not known. */
  readonly last_seen?: string;
}

/** What `newTerms` adds to an event, under `weir.new_terms` in its data: one new combination of terms. */
export interface NewTerms {
  /** Id of the event in which the combination was found. */
  readonly event_id: string;
  /** The event's time, on the time axis of the window. */
  readonly at: string;
  /** The time axis: the field with the event's time, or `event.ingested`. */
  readonly timestamp: string;
  /** The history window, as written in pipelines: `7d`. */
  readonly window: string;
  /** In the order of the fields; empty if `beyond` is present. */
  readonly terms: readonly Term[];
  /** When this combination was last seen; absent if never, or if that was too long ago to be remembered. */
  readonly last_seen?: string;
  /** How many combinations of this event are beyond the cap, and were not checked individually. */
  readonly beyond?: number;
  /** There was no room to remember it, so it will be new again. */
  readonly state_full?: true;
  /** Fields of which this copy of a large event has only a part: dotted paths, at most 20. */
  readonly shortened?: readonly string[];
}
