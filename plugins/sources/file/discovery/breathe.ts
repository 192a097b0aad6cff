import { setImmediate as nextTurn } from "node:timers/promises";

/** With fewer files, a step of a search takes no time worth dividing. */
const many = 1_000;

/** Between two steps of a search that each go through `files`: lets others have a turn of the event loop. */
export const breathe = async (files: number): Promise<void> => {
  if (files > many) await nextTurn();
};
