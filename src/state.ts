import type { Batch } from "./batch.ts";

/**
 * What a transform remembers between batches, in a key space of its own. The host commits what a batch wrote together
 * with the batch, so that state and output never disagree; reads see the newest write at once.
 */
export interface State {
  get(key: string): string | undefined;
  /**
   * Remembers `value` as written by `batch`. `expires` is on the transform's own time axis (see `sweep`); without it
   * the entry stays until it is overwritten.
   */
  set(batch: Batch, key: string, value: string, expires?: number): void;
  /**
   * Lets the host remove entries with `expires` below `before`, at any later time or never: a transform must treat such
   * an entry as absent already.
   */
  sweep(batch: Batch, before: number): void;
  /** A key space within this one, swept on its own: for a transform with several time axes, such as one for each rule. */
  scope(name: string): State;
}

/** State in memory, for programs that compose operators by hand, and for tests; nothing survives the process. */
export const memoryState = (): State => {
  const entries = new Map<string, { readonly value: string; readonly expires: number }>();
  const scopes = new Map<string, State>();
  return {
    get: (key) => entries.get(key)?.value,
    set: (_batch, key, value, expires = Number.POSITIVE_INFINITY) => void entries.set(key, { value, expires }),
    sweep: (_batch, before) => {
      for (const [key, { expires }] of entries) if (expires < before) entries.delete(key);
    },
    scope: (name) => scopes.get(name) ?? scopes.set(name, memoryState()).get(name)!,
  };
};
