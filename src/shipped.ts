import { readdirSync, readFileSync } from "node:fs";
import sea from "node:sea";

/** Whether weir runs as a single executable: its modules and files are inside the program, and there is no Node around it. */
export const isExecutable = sea.isSea();

/** The folder of weir's package. A single executable has none. */
const folder = (): URL => new URL(".", import.meta.resolve("weir/package.json"));

/** The text of a file that comes with weir, by its path in the package. Throws if there is none. */
export const shippedText = (path: string): string =>
  isExecutable ? sea.getAsset(path, "utf8") : readFileSync(new URL(path, folder()), "utf8");

/** The names of the files in a folder of the package. */
export const shippedNames = (path: string): readonly string[] =>
  isExecutable
    ? sea.getAssetKeys().flatMap((key) => (key.startsWith(`${path}/`) ? [key.slice(path.length + 1)] : []))
    : readdirSync(new URL(`${path}/`, folder()));
