import { systemClock } from "../clock.ts";
import type { GivenToRules, Needed } from "../detection/needed.ts";
import type { Rule } from "../detection/rule.ts";
import { languageOf, typeOfRule } from "../detection/rule-types.ts";
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

/** Why a rule cannot be run with what a command gives; `undefined` if it can. */
export const lacks = (rule: Rule, given: GivenToRules): string | undefined => {
  const type = typeOfRule(rule);
  const asks: readonly (readonly [Needed | undefined, string])[] = [
    [type.needs?.(rule), "--indicators FILE"],
    [languageOf(type).needs?.(rule.query), "--default-field FIELD"],
  ];
  const missing = asks.find(([needed]) => needed?.lack(given));
  return missing && `The rule needs ${missing[0]!.what}: add ${missing[1]}.`;
};
