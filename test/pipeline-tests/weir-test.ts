import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const bin = fileURLToPath(new URL("../../bin/weir.js", import.meta.url));

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs a command line in a folder; resolves to its exit code, and what it printed. */
export const weir = (folder: string, ...argv: readonly string[]): Promise<Printed> =>
  new Promise((resolve) => {
    execFile(process.execPath, [bin, ...argv], { cwd: folder }, (failure, out, error) =>
      resolve({ code: failure ? Number(failure.code) : 0, out, error }),
    );
  });

/** Makes a new folder with these files, for the time of one test. */
export const folderOf = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), "weir-tests-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};

/** The section `tests`, of names and YAML of steps. */
export const testsOf = (tests: Readonly<Record<string, string>>): string =>
  `tests:\n${Object.entries(tests)
    .map(([name, steps]) => `  - name: ${JSON.stringify(name)}\n    steps:${steps}\n`)
    .join("")}`;
