import type { DeadLetter } from "./letter-files.ts";

/** Which dead letters are meant: all that it says must hold, and one that says nothing means all. */
export interface Selector {
  /** Ids of letters, or of the events in them. */
  readonly ids?: readonly string[];
  readonly component?: string;
  readonly reason?: string;
}

export const isMeant = ({ id, head }: DeadLetter, { ids, component, reason }: Selector): boolean =>
  (ids === undefined || ids.includes(id) || ids.includes(head.id)) &&
  (component === undefined || component === head.component) &&
  (reason === undefined || reason === head.reason);

/** Which of the selector's ids were met by no letter so far. */
export class Unmet {
  readonly #ids: Set<string>;

  constructor({ ids = [] }: Selector) {
    this.#ids = new Set(ids);
  }

  meet({ id, head }: DeadLetter): void {
    this.#ids.delete(id);
    this.#ids.delete(head.id);
  }

  get ids(): readonly string[] {
    return [...this.#ids];
  }
}
