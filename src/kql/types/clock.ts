/** The time that `now` means in a query: milliseconds since 1970, set before each call of the predicate. */
export interface Clock {
  now: number;
  /** A condition needs the time. */
  isUsed: boolean;
}
