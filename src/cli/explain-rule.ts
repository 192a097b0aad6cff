import type { IndicatorSource } from "../detection/threat-match/indicator.ts";
import { ruleDocument } from "../rule-explain/document.ts";
import { explainRule as explained } from "../rule-explain/explain.ts";
import { ruleExplanationText } from "../rule-explain/text.ts";
import { printable } from "../text.ts";
import { exitingOnSignals } from "./exit-on-signals.ts";
import { readInput, reportNoInput } from "./explain-input.ts";
import { givenIndicators, lacks } from "./given-to-rule.ts";
import { type GivenRule, ruleToExplain } from "./rule-to-explain.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface ExplainRuleOptions extends GivenRule {
  /** A file with events as JSON, or `-` for standard input. */
  readonly event: string;
  /** When weir receives them, in milliseconds since 1970. */
  readonly at?: number;
  /** The time that passes afterwards, in milliseconds. */
  readonly advance: number;
  /** The field with the event's time, in place of that of the rule. */
  readonly timestamp?: string;
  /** A file with indicators, for a rule that compares events with them. */
  readonly indicators?: string;
  /** The fields to search for a text that names no field, in place of those of the pipeline. */
  readonly defaultField?: readonly string[];
  readonly json?: boolean;
}

/** Says why a rule raises an alert about events or does not: clause by clause, and what its type found. */
export const explainRule = async (
  nameOrPath: string,
  {
    event,
    at = Date.now(),
    advance,
    json = false,
    timestamp,
    indicators: file,
    defaultField,
    ...given
  }: ExplainRuleOptions,
  terminal: Terminal,
): Promise<number> => {
  const found = await ruleToExplain(nameOrPath, given, terminal);
  if (typeof found === "number") return found;
  let indicators: readonly IndicatorSource[];
  try {
    indicators = givenIndicators(file);
  } catch (error) {
    terminal.error(`${printable((error as Error).message)}\n`);
    return exit.usage;
  }
  const default_fields = defaultField ?? found.settings?.default_fields;
  const lack = lacks(found.rule, { indicators, default_fields });
  if (lack !== undefined) {
    terminal.error(`${printable(lack)}\n`);
    return exit.usage;
  }
  const settings = { ...found.settings, indicators, default_fields, ...(timestamp !== undefined && { timestamp }) };
  try {
    const input = await readInput({ event }, { id: found.rule.name, kind: "transform" });
    const explanation = await exitingOnSignals(() =>
      explained(found.rule, { ...settings, component: found.component, input, at, advance }),
    );
    for (const line of explanation.logged) terminal.error(`${printable(line)}\n`);
    const { width, color } = terminal;
    if (json) terminal.out(`${JSON.stringify(ruleDocument(explanation), undefined, 2)}\n`);
    else terminal.out(ruleExplanationText(explanation, { color: color.out, width }));
    if (explanation.failure !== undefined) terminal.error(`${printable(explanation.failure)}\n`);
    return explanation.failure === undefined ? exit.success : exit.failed;
  } catch (error) {
    return reportNoInput(error, terminal);
  }
};
