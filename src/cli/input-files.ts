import { relative } from "node:path";
import { globSync } from "tinyglobby";
import { fileStats } from "../file-stats.ts";

/** A path or glob of the command line that stands for no file. Its message is for people. */
export class NoInputFiles extends Error {}

/** The files that paths and globs stand for, each once, as paths that are short to read. Throws `NoInputFiles`. */
export const inputFiles = (patterns: readonly string[]): readonly string[] => [...new Set(patterns.flatMap(filesOf))];

const filesOf = (pattern: string): readonly string[] => {
  const found = fileStats(pattern);
  if (found?.isDirectory())
    throw new NoInputFiles(`"${pattern}" is a directory. Name the files in it: '${pattern.replace(/\/+$/, "")}/*'.`);
  if (found) return [shortest(pattern)];
  const files = globSync(pattern, { absolute: true, dot: true, expandDirectories: false }).map(shortest).sort();
  if (files.length > 0) return files;
  const isGlob = /[*?{[]/.test(pattern);
  throw new NoInputFiles(
    isGlob
      ? `No file matches "${pattern}". Globs are relative to the working directory; quote them: '${pattern}'.`
      : `There is no file "${pattern}". Paths are relative to the working directory, ${process.cwd()}.`,
  );
};

const shortest = (path: string): string => {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") || fromHere === "" ? path : fromHere;
};
