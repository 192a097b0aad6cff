import { rmSync } from "node:fs";
import { temporaryFolder } from "../../temporary-folder.ts";

/** Calls `use` with a data dir of its own, which is removed afterwards, also if the process exits meanwhile. */
export const inDataDir = async <T>(use: (dataDir: string) => Promise<T>): Promise<T> => {
  const dataDir = temporaryFolder("weir-test-");
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    return await use(dataDir);
  } finally {
    process.off("exit", remove);
    remove();
  }
};
