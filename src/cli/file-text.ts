import { readFileSync } from "node:fs";
import { isAbsolute, relative } from "node:path";

/** A file's text; throws an error whose message says in a few words why there is none. */
export const fileText = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(causes[code ?? ""] ?? message, { cause: error });
  }
};

const causes: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "weir may not read it",
  EISDIR: "it is a folder",
};

/** A path as a person would write it here: from the working directory, unless that leads out of it. */
export const shortPath = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || isAbsolute(short) || short === "" ? path : short;
};
