import { formatProblems } from "../config/format.ts";
import type { Rule } from "../detection/rule.ts";
import { NotInPipeline, ruleInPipeline } from "../rule-explain/in-pipeline.ts";
import type { RuleSettings } from "../rule-tests/pipeline.ts";
import { ruleFileEnding, whyNot } from "../rules/read-rule.ts";
import { printable } from "../text.ts";
import { loadPipelineFile } from "./load-file.ts";
import { noRule } from "./missing-rules.ts";
import { reportProblems } from "./report-problems.ts";
import { RuleFiles } from "./rule-files.ts";
import { exit, type Terminal } from "./terminal.ts";

/** The rule as it is named on the command line. */
export interface GivenRule {
  /** The pipeline that runs it. */
  readonly pipeline?: string;
  /** Which of its components, if several run the rule. */
  readonly component?: string;
}

/** A rule with what its pipeline says about it; or the exit code if there is none, after the reason was printed. */
export type RuleToExplain =
  | { readonly rule: Rule; readonly settings?: RuleSettings; readonly component?: string }
  | number;

/** Reads a rule from its file, and in a pipeline as the pipeline runs it. */
export const ruleToExplain = async (
  nameOrPath: string,
  { pipeline, component }: GivenRule,
  terminal: Terminal,
): Promise<RuleToExplain> => {
  if (pipeline === undefined) return fromFile(nameOrPath, terminal);
  const loaded = await loadPipelineFile(pipeline);
  reportProblems(loaded, terminal);
  if (!loaded.ok) return exit.config;
  const files = new RuleFiles(".");
  const [read, ...others] = files.read(nameOrPath) ?? [];
  const id = read?.result.ok && others.length === 0 ? read.result.value.id : undefined;
  try {
    const wanted = { name: nameOrPath, ...(id !== undefined && { id }) };
    return ruleInPipeline(loaded.value.topology, wanted, component);
  } catch (error) {
    if (!(error instanceof NotInPipeline)) throw error;
    if (!read && ruleFileEnding.test(nameOrPath)) terminal.error(noRule(nameOrPath, files));
    else terminal.error(`${printable(error.message)}\n`);
    return exit.usage;
  }
};

const fromFile = (nameOrPath: string, terminal: Terminal): RuleToExplain => {
  const files = new RuleFiles(".");
  const [read, ...others] = files.read(nameOrPath) ?? [];
  if (!read || others.length > 0) {
    if (!read) terminal.error(noRule(nameOrPath, files));
    else
      terminal.error(
        `"${printable(nameOrPath)}" stands for several rules: name one. \`weir rules list\` lists them.\n`,
      );
    return exit.usage;
  }
  const { result } = read;
  if (result.ok) return { rule: result.value };
  if (read.cannotRun !== undefined) terminal.error(`${printable(read.file)} does not run: ${whyNot(read)}.\n`);
  else terminal.error(formatProblems(result.problems, (file) => files.textOf(file), { color: terminal.color.error }));
  return exit.config;
};
