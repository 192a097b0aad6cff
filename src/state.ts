/** Thrown by `set` when a component's state would exceed its quota. Deletes and smaller values always succeed. */
export class StateFull extends Error {
  readonly reason = "state_full";

  constructor(message: string) {
    super(message);
    this.name = "StateFull";
  }
}

export interface ScanOptions {
  /** Return only keys after this one. To get the next page, pass the last key of the previous page. */
  readonly after?: string;
  /** The largest number of entries to return, from 1 to 1000. The default is 1000. */
  readonly limit?: number;
}

/**
 * The durable key-value store of a transform. It can be written only while the transform handles an event or a tick: the
 * host commits the writes together with the output, so that state and output never disagree. Reads see the latest write
 * at once. Keys and values are well-formed Unicode strings; keys are ordered by code point.
 */
export interface State {
  get(key: string): string | undefined;
  /**
   * Stores `value` under `key`. `expires` is a number on the transform's own time axis (see `sweep`); without it the entry
   * stays until it is deleted.
   * @throws StateFull if the component's quota would be exceeded.
   */
  set(key: string, value: string, expires?: number): void;
  delete(key: string): void;
  /** Returns one page of the entries whose keys start with `prefix`, in key order. */
  scan(prefix: string, scan?: ScanOptions): readonly (readonly [key: string, value: string])[];
  /** Removes all entries with `expires` below `before`, now and in future. A smaller `before` than last time has no effect. */
  sweep(before: number): void;
  /**
   * A separate key space within this one, with its own `sweep`. It is for transforms with several time axes, such as one
   * for each rule. The name must have at least one character, and no "/" or line break.
   */
  scope(name: string): State;
  /**
   * Asks for a tick at this time, or soon after: milliseconds since 1970 on the axis of `meta.ingested`. If several times
   * are asked for, the earliest one wins. The tick clears it. After a tick that wrote and emitted nothing, a time that has
   * passed means 100 ms later.
   */
  wake(at: number): void;
}
