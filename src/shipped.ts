import { readdirSync, readFileSync } from "node:fs";
import sea from "node:sea";
import { crc32 } from "node:zlib";

/** Whether weir runs as a single executable: its modules and files are inside the program, and there is no Node around it. */
export const isExecutable = sea.isSea();

let found: URL | undefined;

/** The folder of weir's package. A single executable has none. */
const folder = (): URL => {
  found ??= new URL(".", import.meta.resolve("weir/package.json"));
  return found;
};

/** The text of a file that comes with weir, by its path in the package. Throws if there is none. */
export const shippedText = (path: string): string =>
  isExecutable ? sea.getAsset(path, "utf8") : readFileSync(new URL(path, folder()), "utf8");

/** The names of the files in a folder of the package. */
export const shippedNames = (path: string): readonly string[] =>
  isExecutable
    ? sea.getAssetKeys().flatMap((key) => (key.startsWith(`${path}/`) ? [key.slice(path.length + 1)] : []))
    : readdirSync(new URL(`${path}/`, folder()));

/** What the build made of a YAML file that comes with weir. */
export interface ParsedAtBuild {
  /** The CRC-32 of the text. */
  readonly crc: number;
  readonly values: unknown;
}

/** What a YAML file has that comes with weir; `undefined` if the build did not parse this text. */
export const parsedAtBuild = (path: string, text: string): unknown => {
  try {
    const { crc, values } = JSON.parse(shippedText(`dist/${path.replace(/\.yaml$/, ".json")}`)) as ParsedAtBuild;
    return crc === crc32(text) ? values : undefined;
  } catch {
    return undefined;
  }
};
