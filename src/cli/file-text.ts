import { readFileSync } from "node:fs";
import { isAbsolute, relative } from "node:path";

/** The text of a file; throws an error whose message says in a few words why it cannot be read. */
export const fileText = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(causes[code ?? ""] ?? message, { cause: error });
  }
};

const causes: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
};

/** The path relative to the working directory, if it is inside it. */
export const shortPath = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || isAbsolute(short) || short === "" ? path : short;
};
