import type { StateRow, StateRows } from "../../storage/state-rows.ts";
import { decodeTimed, encodeTimed, keyOfTimer, type TimedKey, valueKey } from "../../timed-keys/stored.ts";

/** What a key space has under a key: a value with the time when it is due, or else an entry, which may expire. */
export type StoredKey = TimedKey | StateRow;

/** The keys of a key space. `rowsOf` gives the very entries that they were made from. */
export function* keysOf(rows: StateRows, space: string): Iterable<StoredKey> {
  const timedAt = (row: StateRow | undefined) =>
    row && row.expires === undefined ? decodeTimed(row.key, row.value) : undefined;
  const timerOf = (timed: TimedKey) => encodeTimed(timed)[1]![0];
  for (const row of rows.of(space)) {
    const { key, value, expires } = row;
    if (value === "" && expires === undefined) {
      const due = keyOfTimer(key);
      const timed = due === undefined ? undefined : timedAt(rows.get(space, valueKey(due)));
      // It comes with its value.
      if (timed && timerOf(timed) === key) continue;
    }
    const timed = timedAt(row);
    const timer = timed && rows.get(space, timerOf(timed));
    yield timed && timer?.value === "" && timer.expires === undefined ? timed : row;
  }
}

/** The entries of state that a key stands for. */
export const rowsOf = (stored: StoredKey): readonly StateRow[] =>
  "due" in stored ? encodeTimed(stored).map(([key, value]) => ({ key, value, expires: undefined })) : [stored];
