import { type State, StateFull } from "../../../state.ts";

/** Lets what is stored in a scope grow to `most` characters. */
export class Quota {
  most = Number.POSITIVE_INFINITY;
  readonly #sizes = new Map<string, number>();
  #total = 0;

  clear(): void {
    this.most = Number.POSITIVE_INFINITY;
    this.#sizes.clear();
    this.#total = 0;
  }

  /** How many characters there are. */
  get total(): number {
    return this.#total;
  }

  /** The state, limited in the scope with this name. */
  on(state: State, scope: string): State {
    return this.#view(state, (name) => (name === scope ? this.#limited(state.scope(name), name) : state.scope(name)));
  }

  #limited(state: State, path: string): State {
    const change = (key: string, size: number) => {
      const name = `${path}/${key}`;
      const before = this.#sizes.get(name) ?? 0;
      if (size > before && this.#total + size - before > this.most) throw new StateFull("full");
      this.#total += size - before;
      this.#sizes.set(name, size);
    };
    return {
      ...this.#view(state, (name) => this.#limited(state.scope(name), `${path}/${name}`)),
      set: (key, value) => {
        change(key, key.length + value.length);
        state.set(key, value);
      },
      delete: (key) => {
        change(key, 0);
        state.delete(key);
      },
    };
  }

  #view(state: State, scope: State["scope"]): State {
    return {
      get: (key) => state.get(key),
      set: (key, value) => state.set(key, value),
      delete: (key) => state.delete(key),
      scan: (prefix, options) => state.scan(prefix, options),
      sweep: (before) => state.sweep(before),
      wake: (at) => state.wake(at),
      scope,
    };
  }
}
