import { checkOptions } from "../config/check.ts";
import { decode } from "../config/decode.ts";
import { Report } from "../config/report.ts";
import { checkSyntax } from "../config/syntax.ts";
import { YamlFile } from "../config/yaml-file.ts";
import type { Rule } from "../detection/rule.ts";
import type { RuleCatalog } from "../detection/rule-option.ts";
import { isObject } from "../json.ts";
import type { Result } from "../problem.ts";
import { ruleOptions } from "./rule-options.ts";

/** Turns the text of a rule file into a rule, or into everything that is wrong with it. */
export const loadRule = (
  text: string,
  { file: fileName, name }: { readonly file: string; readonly name: string },
): Result<Rule> => {
  const file = new YamlFile(fileName, text);
  const report = new Report(file);
  if (!checkSyntax(file, report)) return { ok: false, problems: report.problems };
  const values: unknown = file.document.toJS();
  if (!isObject(values)) {
    report.error("config/not-a-map", { path: [] }, ["The content of this file", "a rule's options"]);
    return { ok: false, problems: report.problems };
  }
  const reading = { file, report, origins: new Map(), catalogs: { rules: noRules } };
  if (!checkOptions(ruleOptions, values, { name: "a rule", path: [] }, reading))
    return { ok: false, problems: report.problems };
  const rule = { name, ...decode(ruleOptions, values, [], reading) } as unknown as Rule;
  checkParts(rule, report);
  return report.result(() => rule);
};

/** Rules do not refer to other rules. */
const noRules: RuleCatalog = { names: () => [], get: () => undefined };

/** Checks what the type of the rule requires across its options. */
const checkParts = (rule: Rule, report: Report): void => {
  const { type, new_terms, tests } = rule;
  if (type === "new_terms" && !new_terms)
    report.error("rule/missing-part", { path: ["type"] }, [type, "new_terms"], 'It has "fields" and "window".');
  if (type !== "new_terms" && new_terms)
    report.error("rule/out-of-place", { path: ["new_terms"], key: true }, [type, "new_terms"]);
  const terms = new_terms?.fields.length;
  if (terms === undefined) return;
  for (const [t, { events }] of tests.entries())
    for (const [e, { alerts }] of events.entries())
      for (const [a, alert] of alerts.entries())
        if (alert.length !== terms)
          report.error("rule/wrong-alert", { path: ["tests", t, "events", e, "alerts", a] }, [alert.length, terms]);
};
