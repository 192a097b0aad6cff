import { resolve } from "node:path";
import { comparedOf } from "../reload/compared.ts";
import { type Difference, differenceOf } from "../reload/difference.ts";
import { differenceText } from "../reload/difference-text.ts";
import { askControl } from "./ask-control.ts";
import { loadPipelineFile } from "./load-file.ts";
import type { ReloadOptions } from "./reload.ts";
import { reportProblems } from "./report-problems.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Prints what a reload would do: from the running pipeline to `file`, or from `file` to `next`. */
export const diff = async (
  file: string,
  next: string | undefined,
  options: ReloadOptions,
  terminal: Terminal,
): Promise<number> => {
  if (next !== undefined) return betweenFiles([file, next], options, terminal);
  return askControl(options.dataDir, terminal, async (control) => {
    const answer = await control.diff(resolve(file));
    if ("difference" in answer) return show(answer.difference, options, terminal);
    terminal.error(`${answer.problems}\n`);
    return exit.config;
  });
};

const betweenFiles = async (files: readonly string[], options: ReloadOptions, terminal: Terminal): Promise<number> => {
  const compared = [];
  for (const file of files) {
    const loaded = await loadPipelineFile(file);
    reportProblems(loaded, terminal);
    if (loaded.ok) compared.push(comparedOf(loaded.value));
  }
  const [from, to] = compared;
  return from && to ? show(differenceOf(from, to), options, terminal) : exit.config;
};

const show = (difference: Difference, { json = false }: ReloadOptions, terminal: Terminal): number => {
  terminal.out(json ? `${JSON.stringify(difference)}\n` : differenceText(difference));
  return exit.success;
};
