import type { DeadLetter } from "./letter-files.ts";

/** Selects dead letters. All given conditions must match; an empty selector matches all letters. */
export interface Selector {
  /** Ids of letters, or of their events. */
  readonly ids?: readonly string[];
  readonly component?: string;
  readonly reason?: string;
}

export const isSelected = ({ id, head }: DeadLetter, { ids, component, reason }: Selector): boolean =>
  (ids === undefined || ids.includes(id) || ids.includes(head.id)) &&
  (component === undefined || component === head.component) &&
  (reason === undefined || reason === head.reason);

/** The ids of a selector that no letter has matched so far. */
export class UnmatchedIds {
  readonly #ids: Set<string>;

  constructor({ ids = [] }: Selector) {
    this.#ids = new Set(ids);
  }

  remove({ id, head }: DeadLetter): void {
    this.#ids.delete(id);
    this.#ids.delete(head.id);
  }

  get ids(): readonly string[] {
    return [...this.#ids];
  }
}
