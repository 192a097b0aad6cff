import { compareKeys } from "../ordered-keys.ts";
import type { State } from "../state.ts";
import { checkArguments, maxPage } from "../state-arguments.ts";

interface Entry {
  readonly value: string;
  readonly expires: number;
}

/** A `State` in memory, for unit tests of a step. It has no savepoints and no persistence. */
export const memoryState = (): State => {
  const entries = new Map<string, Entry>();
  const scopes = new Map<string, State>();
  let swept = Number.NEGATIVE_INFINITY;
  return {
    get: (key) => {
      checkArguments.key(key);
      return entries.get(key)?.value;
    },
    set: (key, value, expires = Number.POSITIVE_INFINITY) => {
      checkArguments.entry(key, value, expires);
      if (expires < swept) entries.delete(key);
      else entries.set(key, { value, expires });
    },
    delete: (key) => {
      checkArguments.key(key);
      entries.delete(key);
    },
    scan: (prefix, scan = {}) => {
      checkArguments.page(prefix, scan);
      const { after, limit = maxPage } = scan;
      return [...entries]
        .filter(([key]) => key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0))
        .sort(([a], [b]) => compareKeys(a, b))
        .slice(0, limit)
        .map(([key, { value }]) => [key, value]);
    },
    sweep: (before) => {
      checkArguments.sweep(before);
      if (before <= swept) return;
      swept = before;
      for (const [key, { expires }] of entries) if (expires < before) entries.delete(key);
    },
    scope: (name) => {
      checkArguments.scope(name);
      const scope = scopes.get(name) ?? memoryState();
      scopes.set(name, scope);
      return scope;
    },
    wake: (at) => checkArguments.wake(at),
  };
};
