import { open } from "node:fs/promises";

/** Makes the names of new and renamed files durable: without it, a file may be gone after a crash of the machine. */
export const syncDirectory = async (directory: string): Promise<void> => {
  await using handle = await open(directory, "r");
  await handle.sync();
};
