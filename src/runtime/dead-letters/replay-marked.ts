import type { Log } from "../../context.ts";
import type { Saved } from "../../storage/reader.ts";
import type { DeadLetterDesk } from "./desk.ts";

/** Replays dead letters that were marked while weir was stopped. Those that cannot be replayed stay in the dead letter. */
export const replayMarked = async (
  desk: DeadLetterDesk,
  { deadLetters }: Pick<Saved, "deadLetters">,
  log: Log,
): Promise<void> => {
  if (!deadLetters.some(({ state }) => state === "replay")) return;
  try {
    const { replayed, refused } = await desk.replayMarked();
    log.info(`replayed ${replayed} marked dead letters`);
    for (const { why, count, id } of refused)
      log.warn(`${count} of the marked dead letters cannot be replayed (first: ${id}): ${why}`);
  } catch (error) {
    log.warn(`cannot replay the marked dead letters, which stay marked: ${(error as Error).message}`);
  }
};
