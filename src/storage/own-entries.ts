import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { isOwnName } from "./owner-only.ts";

/**
 * Refuses a data dir in which somebody else could have put something that weir would open: everybody can write to it, or it
 * has a link of another user, or a directory, FIFO or device under the name of a file. Throws an error for people.
 */
export const checkEntries = (dataDir: string): void => {
  if ((statSync(dataDir).mode & 0o002) !== 0)
    throw new Error(
      `every user can write to "${dataDir}", so it is not safe as a data dir. Use a directory of its own, such as "${join(dataDir, "weir")}".`,
    );
  for (const name of readdirSync(dataDir)) if (isOwnName(name)) check(join(dataDir, name), name === "outboxes" ? 2 : 0);
};

/** `depth`: of directories that are expected at this path. */
const check = (path: string, depth: number): void => {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry) return;
  if (entry.isSymbolicLink() && entry.uid !== process.getuid?.())
    throw new Error(`"${path}" is a link of another user, which weir does not follow. Remove it.`);
  const found = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
  if (!found) throw new Error(`"${path}" is a link that leads nowhere. Remove it.`);
  const isExpected = depth > 0 ? found.isDirectory() || (depth === 1 && found.isFile()) : found.isFile();
  if (!isExpected)
    throw new Error(
      `"${path}" is ${kindOf(found)}, where weir needs ${depth > 0 ? "a directory" : "a file"} of its own. Remove it, or use another --data-dir.`,
    );
  if (depth > 0 && found.isDirectory()) for (const name of readdirSync(path)) check(join(path, name), depth - 1);
};

const kindOf = (found: Stats): string => {
  if (found.isDirectory()) return "a directory";
  if (found.isFile()) return "a file";
  if (found.isFIFO()) return "a FIFO";
  return found.isSocket() ? "a socket" : "a device";
};
