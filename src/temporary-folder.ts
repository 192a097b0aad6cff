import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** There is no room for temporary files. Its message is for people. */
export class NoTemporaryFolder extends Error {}

/** Makes a temporary folder, whose name begins with `prefix`; gives its path. Throws `NoTemporaryFolder`. */
export const temporaryFolder = (prefix: string): string => {
  const parent = tmpdir();
  try {
    return mkdtempSync(join(parent, prefix));
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new NoTemporaryFolder(
      `No folder for temporary files can be made in "${parent}" (${code}). Name another folder with TMPDIR.`,
    );
  }
};
