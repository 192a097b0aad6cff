import type { Runtime } from "../runtime/runtime.ts";

/** The first event that a component rejected for a reason. */
export interface LetterSample {
  readonly component: string;
  readonly reason: string;
  /** What was wrong. */
  readonly message: string;
  /** Its content, shortened. */
  readonly content: string;
}

/** When dead letters have more than this many bytes, they are removed, so that they never fill the disk. */
const most = 64 * 1024 * 1024;
/** How much of a content is kept, in UTF-16 units. */
const longest = 300;

/** Keeps a dead letter of each component and reason, and removes them all when they are many. */
export class LetterSamples {
  readonly #found = new Map<string, LetterSample>();

  of(component: string, reason: string): LetterSample | undefined {
    return this.#found.get(keyOf(component, reason));
  }

  async tidy(runtime: Runtime): Promise<void> {
    if ((runtime.stats().outbox_bytes["dead_letter"] ?? 0) <= most) return;
    await this.look(runtime);
    await runtime.desk.purge({});
  }

  /** Looks at the letters that are committed. */
  async look({ desk }: Runtime): Promise<void> {
    for await (const { head, data } of desk.letters({})) {
      const { component, reason, message } = head;
      const key = keyOf(component, reason);
      if (!this.#found.has(key))
        this.#found.set(key, { component, reason, message, content: data.slice(0, longest).toWellFormed() });
    }
  }
}

const keyOf = (component: string, reason: string): string => JSON.stringify([component, reason]);
