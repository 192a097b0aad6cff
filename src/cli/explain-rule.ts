import { formatProblems } from "../config/format.ts";
import type { IndicatorSource } from "../detection/threat-match/indicator.ts";
import { didYouMean } from "../problem.ts";
import { ruleDocument } from "../rule-explain/document.ts";
import { explainRule as explained } from "../rule-explain/explain.ts";
import { ruleExplanationText } from "../rule-explain/text.ts";
import { whyNot } from "../rules/read-rule.ts";
import { printable } from "../text.ts";
import { exitingOnSignals } from "./exit-on-signals.ts";
import { NoInput, readInput } from "./explain-input.ts";
import { givenIndicators, lacksIndicators } from "./given-indicators.ts";
import { RuleFiles } from "./rule-files.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface ExplainRuleOptions {
  /** A file with events as JSON, or `-` for standard input. */
  readonly event: string;
  /** When weir receives them, in milliseconds since 1970. */
  readonly at?: number;
  /** The time that passes afterwards, in milliseconds. */
  readonly advance: number;
  /** A file with indicators, for a rule that compares events with them. */
  readonly indicators?: string;
  readonly json?: boolean;
}

/** Says why a rule raises an alert about events or does not: clause by clause, and what its type found. */
export const explainRule = async (
  nameOrPath: string,
  { event, at = Date.now(), advance, json = false, indicators: file }: ExplainRuleOptions,
  terminal: Terminal,
): Promise<number> => {
  const files = new RuleFiles(".");
  const [read, ...others] = files.read(nameOrPath) ?? [];
  if (!read || others.length > 0) {
    const hint = didYouMean(nameOrPath, files.names()) ?? "`weir rules list` lists them.";
    const what = others.length > 0 ? "stands for several rules." : "is no rule.";
    terminal.error(`"${printable(nameOrPath)}" ${what} ${hint}\n`);
    return exit.usage;
  }
  const { result } = read;
  if (!result.ok) {
    if (read.cannotRun !== undefined) terminal.error(`${printable(read.file)} does not run: ${whyNot(read)}.\n`);
    else terminal.error(formatProblems(result.problems, (file) => files.textOf(file), { color: terminal.color.error }));
    return exit.config;
  }
  let indicators: readonly IndicatorSource[];
  try {
    indicators = givenIndicators(file);
  } catch (error) {
    terminal.error(`${printable((error as Error).message)}\n`);
    return exit.usage;
  }
  const lack = lacksIndicators(result.value, indicators);
  if (lack !== undefined) {
    terminal.error(`${printable(lack)}\n`);
    return exit.usage;
  }
  try {
    const input = await readInput({ event }, { id: result.value.name, kind: "transform" });
    const explanation = await exitingOnSignals(() => explained(result.value, { input, at, advance, indicators }));
    for (const line of explanation.logged) terminal.error(`${printable(line)}\n`);
    const { width, color } = terminal;
    if (json) terminal.out(`${JSON.stringify(ruleDocument(explanation), undefined, 2)}\n`);
    else terminal.out(ruleExplanationText(explanation, { color: color.out, width }));
    if (explanation.failure !== undefined) terminal.error(`${printable(explanation.failure)}\n`);
    return explanation.failure === undefined ? exit.success : exit.failed;
  } catch (error) {
    if (!(error instanceof NoInput)) throw error;
    const { message, problem, text, code } = error;
    if (problem) terminal.error(formatProblems([problem], () => text, { color: terminal.color.error }));
    else terminal.error(`${printable(message)}\n`);
    return code;
  }
};
