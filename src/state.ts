/** Thrown by `set` when a component's state would grow beyond its quota. Deletes and smaller values always succeed. */
export class StateFull extends Error {
  readonly reason = "state_full";

  constructor(message: string) {
    super(message);
    this.name = "StateFull";
  }
}

export interface Scan {
  /** Only keys that come after this one: the last key of the page before. */
  readonly after?: string;
  /** At most so many entries, 1000 if not given, which is also the most. */
  readonly limit?: number;
}

/**
 * What a transform remembers, in a key space of its own. Written only while it handles an event or a tick: the host
 * commits what was written together with the output, so that state and output never disagree. Reads see the newest
 * write at once. Keys and values are well-formed text; keys are ordered by code point.
 */
export interface State {
  get(key: string): string | undefined;
  /**
   * Remembers `value`. `expires` is on the transform's own time axis (see `sweep`); without it the entry stays until it
   * is deleted.
   * @throws StateFull if the component's quota would be exceeded.
   */
  set(key: string, value: string, expires?: number): void;
  delete(key: string): void;
  /** Entries whose keys start with `prefix`, in the order of their keys: one page of them. */
  scan(prefix: string, scan?: Scan): readonly (readonly [key: string, value: string])[];
  /** Entries with `expires` below `before` are absent from now on. `before` never moves back. */
  sweep(before: number): void;
  /**
   * A key space within this one, swept on its own: for a transform with several time axes, such as one for each rule.
   * Its name has at least one character, no "/" and no line end.
   */
  scope(name: string): State;
  /**
   * Asks for a tick at this time (milliseconds since 1970 by the host's stamps) or soon after. The earliest time asked
   * for counts; the tick that it brings uses it up.
   */
  wake(at: number): void;
}
