import { setTimeout as sleep } from "node:timers/promises";

/** Resolves when something has happened; rejects if it has not within two minutes. */
export const until = async (what: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 1_200; tries++) {
    if (await what()) return;
    await sleep(100);
  }
  throw new Error("it did not happen within two minutes");
};
