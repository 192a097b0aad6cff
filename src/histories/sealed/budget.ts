import { bytesText } from "../../text.ts";
import type { Keeping } from "./maker.ts";

/** A tick may exceed the limit of a state by a part of it, so an export can, too. */
const headroom = 1.05;

/** Limits what is imported for a component to the size that its state may have. */
export class Budget {
  readonly #keeping: ReadonlyMap<string, Keeping> | undefined;
  readonly #used = new Map<string, number>();

  constructor(keeping: ReadonlyMap<string, Keeping> | undefined) {
    this.#keeping = keeping;
  }

  /** Throws an error for people if there is no room for one more entry. */
  grow(component: string, key: string, value: string): void {
    const limit = this.#keeping?.get(component)?.maxState;
    if (limit === undefined) return;
    const bytes = (this.#used.get(component) ?? 0) + Buffer.byteLength(key) + Buffer.byteLength(value);
    if (bytes > limit * headroom)
      throw new Error(
        `this is more than the state of "${component}" may take (${bytesText(limit)}): raise its state.max_size in the pipeline`,
      );
    this.#used.set(component, bytes);
  }
}
