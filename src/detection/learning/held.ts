import { type State, StateFull } from "../../state.ts";

/** The reasons why something found raises no alert yet, the strongest last. */
export const unlearned = ["learning", "baseline"] as const;

export type Unlearned = (typeof unlearned)[number];

const heldKey = "held";

/** How many findings were held back, by reason. */
export const heldOf = (state: State): Record<Unlearned, number> => {
  const [learning = 0, baseline = 0] = JSON.parse(state.get(heldKey) ?? "[]") as readonly number[];
  return { learning, baseline };
};

/** Counts findings that were held back. */
export const addHeld = (state: State, reason: Unlearned, count: number): void => {
  const held = heldOf(state);
  held[reason] += count;
  // As long as the longest, so that a full state has room for each change.
  store(state, heldKey, JSON.stringify([held.learning, held.baseline]).padEnd(40));
};

/** Sets a value. False if there is no room for it. */
export const store = (state: State, key: string, value: string): boolean => {
  try {
    state.set(key, value);
    return true;
  } catch (error) {
    if (error instanceof StateFull) return false;
    throw error;
  }
};
