import { systemClock } from "../clock.ts";
import type { Rule } from "../detection/rule.ts";
import { typeOfRule } from "../detection/rule-types.ts";
import type { IndicatorSource } from "../detection/threat-match/indicator.ts";
import { openIndicators } from "../tables/indicators/open.ts";

/** The largest list of indicators, in bytes. */
const maxSize = 512 * 1024 * 1024;

/** The indicators in a file, or none. Throws an error that says why a file cannot be used. */
export const givenIndicators = (file: string | undefined): readonly IndicatorSource[] => {
  if (file === undefined) return [];
  const quiet = () => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const entry = { file, delimiter: ",", max_size: maxSize, headers: {}, auth: {}, tls: {}, timeout: 0 };
  const host = { clock: systemClock, log, signal: new AbortController().signal };
  return openIndicators([entry], host).sources;
};

/** Why a rule cannot be run with these indicators; `undefined` if it can. */
export const lacksIndicators = (rule: Rule, indicators: readonly IndicatorSource[]): string | undefined => {
  const needed = typeOfRule(rule).needs?.(rule);
  return needed?.lack({ indicators }) ? `The rule needs ${needed.what}: add --indicators FILE.` : undefined;
};
