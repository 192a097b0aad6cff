/** An event of a group: its time in milliseconds since 1970, how many events it stands for, and its values to count. */
export interface Sighting {
  readonly at: number;
  /** More than 1 only if others were left out because they made no difference; see `thin`. */
  readonly weight: number;
  /** Fingerprints of the values of the field whose different values are counted; none without such a field. */
  readonly values: readonly string[];
}

/** What a window must hold. */
export interface Wanted {
  /** How many events. */
  readonly value: number;
  /** How many different values among them; 0 if values are not counted. */
  readonly cardinality: number;
  /** The length of the window in milliseconds; both ends belong to it. */
  readonly window: number;
}

/** A window that holds what is wanted. */
export interface Reached {
  /** The times of its first and last event. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** How many different values. */
  readonly distinct: number;
}
