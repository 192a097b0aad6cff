import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { execute } from "../../src/cli/main.ts";

/** Runs a command line; resolves to its exit code, and what it printed. */
export const weir = async (argv: readonly string[], color = false) => {
  const printed = { out: "", error: "" };
  const code = await execute(argv, {
    out: (text) => {
      printed.out += text;
    },
    error: (text) => {
      printed.error += text;
    },
    color: { out: color, error: color },
    width: 100,
  });
  return { code, ...printed };
};

/** Goes to a new folder with these files, for the time of one test. */
export const inFolder = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), "weir-tests-"));
  const home = process.cwd();
  process.chdir(folder);
  onTestFinished(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });
  for (const [name, text] of Object.entries(files)) writeFileSync(name, text);
  return folder;
};
