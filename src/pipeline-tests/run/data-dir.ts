import { rmSync } from "node:fs";
import { temporaryFolder } from "../../temporary-folder.ts";

/** Calls `use` with a data dir of its own, whose name begins with `prefix`, and which is removed afterwards, also if the process exits meanwhile. */
export const inDataDir = async <T>(use: (dataDir: string) => Promise<T>, prefix = "weir-test-"): Promise<T> => {
  const dataDir = temporaryFolder(prefix);
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    return await use(dataDir);
  } finally {
    process.off("exit", remove);
    remove();
  }
};
