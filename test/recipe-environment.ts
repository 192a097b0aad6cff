import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** The environment that the first test in a pipeline's own file gives. */
export const environmentOf = (file: string): Readonly<Record<string, string>> =>
  parse(readFileSync(file, "utf8"), { merge: true })?.tests?.[0]?.env ?? {};
