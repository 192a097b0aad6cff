/** Thrown by `set` when a component's state would exceed its quota. Deletes and smaller values always succeed. */
export class StateFull extends Error {
  readonly reason = "state_full";

  constructor(message: string) {
    super(message);
    this.name = "StateFull";
  }
}

export interface ScanOptions {
  /** Only keys that come after this one: the last key of the page before. */
  readonly after?: string;
  /** The most entries to return: 1000 by default, which is also the maximum. */
  readonly limit?: number;
}

/**
 * What a transform remembers, in its own key space. It can be written only while an event or a tick is handled: the host
 * commits the writes together with the output, so that the two always agree. Reads see the newest writes at once. Keys
 * and values are well-formed text; keys are ordered by code point.
 */
export interface State {
  get(key: string): string | undefined;
  /**
   * Stores `value`. `expires` is on the transform's own time axis (see `sweep`); without it the entry stays until it is
   * deleted.
   * @throws StateFull if the component's quota would be exceeded.
   */
  set(key: string, value: string, expires?: number): void;
  delete(key: string): void;
  /** Entries whose keys start with `prefix`, in the order of their keys: one page of them. */
  scan(prefix: string, scan?: ScanOptions): readonly (readonly [key: string, value: string])[];
  /** Entries with `expires` below `before` are absent from now on. A lower `before` than the last has no effect. */
  sweep(before: number): void;
  /**
   * A key space within this one, which is swept separately: for a transform with several time axes, such as one per rule.
   * Its name has at least one character, no "/" and no line end.
   */
  scope(name: string): State;
  /**
   * Requests a tick at this time (milliseconds since 1970 by the host's timestamps) or soon after. Of several requests the
   * earliest counts; the tick that follows uses it up.
   */
  wake(at: number): void;
}
