import { namesScope } from "../../detection/new-terms/term-names.ts";
import type { StateRows } from "../../storage/state-rows.ts";
import { horizonKey, type StoredHistory } from "../histories.ts";
import type { StoredKey } from "./keys.ts";

export interface SealedSpace {
  readonly space: string;
  isSealed(stored: StoredKey): boolean;
}

/** The key spaces of a component, and which of their keys belong to no history. */
export const sealedSpaces = (
  rows: StateRows,
  component: string,
  histories: readonly StoredHistory[],
): readonly SealedSpace[] => {
  const ofHistories = Map.groupBy(histories, ({ space }) => space);
  return rows.spaces().flatMap((space) => {
    if ((space !== component && !space.startsWith(`${component}/`)) || isOfNames(space)) return [];
    const horizons = ofHistories.get(space)?.map(({ about }) => horizonKey(about));
    if (!horizons) return [{ space, isSealed: () => true }];
    // All that expires there is an entry of a history.
    return [
      {
        space,
        isSealed: (stored) => "due" in stored || (stored.expires === undefined && !horizons.includes(stored.key)),
      },
    ];
  });
};

/** It has the values of a history's terms. */
const isOfNames = (space: string): boolean => space.endsWith(`/${namesScope}`);

/** Whether a key space has something that belongs to no history. */
export const hasSealed = (rows: StateRows, { space, isSealed }: SealedSpace): boolean => {
  for (const row of rows.of(space)) if (isSealed(row)) return true;
  return false;
};
