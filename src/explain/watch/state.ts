import type { ScanOptions, State } from "../../state.ts";

/** What a transform did with its state since it was last asked. */
interface Uses {
  hasWritten: boolean;
  /** The earliest wake that it has asked for since its last tick, in milliseconds since 1970. */
  wake: number | undefined;
}

/** The state of a transform, which remembers how it is used. */
export class WatchedState implements State {
  readonly uses: Uses;
  readonly #state: State;

  constructor(state: State, uses: Uses = { hasWritten: false, wake: undefined }) {
    this.#state = state;
    this.uses = uses;
  }

  get(key: string): string | undefined {
    return this.#state.get(key);
  }

  set(key: string, value: string, expires?: number): void {
    this.#state.set(key, value, expires);
    this.uses.hasWritten = true;
  }

  delete(key: string): void {
    this.#state.delete(key);
    this.uses.hasWritten = true;
  }

  scan(prefix: string, scan?: ScanOptions): readonly (readonly [key: string, value: string])[] {
    return this.#state.scan(prefix, scan);
  }

  sweep(before: number): void {
    this.#state.sweep(before);
  }

  scope(name: string): State {
    return new WatchedState(this.#state.scope(name), this.uses);
  }

  wake(at: number): void {
    this.#state.wake(at);
    this.uses.wake = Math.min(at, this.uses.wake ?? at);
  }
}
