import { compareKeys } from "../ordered-keys.ts";
import type { State } from "../state.ts";

interface Entry {
  readonly value: string;
  readonly expires: number;
}

/** State in memory, for tests of a step by itself: nothing is undone, and nothing survives the process. */
export const memoryState = (): State => {
  const entries = new Map<string, Entry>();
  const scopes = new Map<string, State>();
  let swept = Number.NEGATIVE_INFINITY;
  const visible = (entry: Entry | undefined) => (entry && entry.expires >= swept ? entry.value : undefined);
  return {
    get: (key) => visible(entries.get(key)),
    set: (key, value, expires = Number.POSITIVE_INFINITY) => void entries.set(key, { value, expires }),
    delete: (key) => void entries.delete(key),
    scan: (prefix, { after, limit = 1000 } = {}) =>
      [...entries]
        .filter(([key, entry]) => key.startsWith(prefix) && visible(entry) !== undefined)
        .filter(([key]) => after === undefined || compareKeys(key, after) > 0)
        .sort(([a], [b]) => compareKeys(a, b))
        .slice(0, limit)
        .map(([key, { value }]) => [key, value]),
    sweep: (before) => {
      swept = Math.max(swept, before);
    },
    scope: (name) => scopes.get(name) ?? scopes.set(name, memoryState()).get(name)!,
    wake: () => undefined,
  };
};
