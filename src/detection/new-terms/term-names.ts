import { type State, StateFull } from "../../state.ts";

/** What is known of a history, so that it can be read by people and by another weir. */
export interface About {
  /** The id of its rule, or of the component. */
  readonly id: string;
  /** The name of its rule. */
  readonly name: string;
  readonly version: string;
  readonly fields: readonly string[];
  /** In milliseconds. */
  readonly window: number;
  readonly timestamp: string;
}

/** The scope within the state of a history that has these. */
export const namesScope = "term names";

const aboutPrefix = "about ";

/** All keys of entries that say what a history is about are at or after the first, and before the second. */
export const aboutKeys = [aboutPrefix, "about!"] as const;

/** The history that an entry is about, if it is about one and not the name of a combination. */
export const readAbout = (key: string, value: string): About | undefined =>
  key.startsWith(aboutPrefix) ? (JSON.parse(value) as About) : undefined;

export const aboutEntry = (about: About): { readonly key: string; readonly value: string } => ({
  key: `${aboutPrefix}${about.version}`,
  value: JSON.stringify(about),
});

export const encodeName = (values: readonly string[]): string => JSON.stringify(values);

export const decodeName = (text: string): readonly string[] => JSON.parse(text) as readonly string[];

/**
 * Keeps the values of combinations beside their entries, which have only a hash of them. They serve people: without room for
 * them, nothing is missed. They expire after their entries.
 */
export class TermNames {
  readonly #state: State;
  readonly #about: ReturnType<typeof aboutEntry>;
  readonly #stretch: number;

  constructor(state: State, about: About) {
    this.#state = state.scope(namesScope);
    this.#about = aboutEntry(about);
    // A name is written anew only when this part of the window has passed since its combination was last seen.
    this.#stretch = Math.max(1, about.window / 4);
  }

  /** A combination was seen at `at`, and before that at `previous`. Its entry expires at `expires`. */
  seen(
    key: string,
    values: readonly string[],
    { at, previous, expires }: { readonly at: number; readonly previous: number | undefined; readonly expires: number },
  ): void {
    const part = (time: number) => Math.floor(time / this.#stretch);
    if (previous !== undefined && part(at) <= part(previous)) return;
    try {
      const { key: about, value } = this.#about;
      if (this.#state.get(about) !== value) this.#state.set(about, value);
      this.#state.set(key, encodeName(values), expires + this.#stretch);
    } catch (error) {
      if (!(error instanceof StateFull)) throw error;
    }
  }

  sweep(before: number): void {
    this.#state.sweep(before);
  }
}
