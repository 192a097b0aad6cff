import { open } from "node:fs/promises";

/** Without it a crash of the machine may take away a file's name, and the synced lines with it. */
export const syncDirectory = async (directory: string): Promise<void> => {
  await using handle = await open(directory, "r");
  await handle.sync();
};
