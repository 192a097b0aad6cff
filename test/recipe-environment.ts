import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";

/** The environment that the first test of a pipeline gives: in its own file, or in the file with its tests. */
export const environmentOf = (file: string): Readonly<Record<string, string>> => {
  const beside = file.replace(/\.yaml$/, ".test.yaml");
  const ownTests = contentOf(file)?.tests?.[0]?.env;
  return ownTests ?? (existsSync(beside) ? contentOf(beside)?.env : undefined) ?? {};
};

const contentOf = (file: string) => parse(readFileSync(file, "utf8"), { merge: true });
