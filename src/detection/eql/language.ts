import { compileEql, type EqlOptions, explainEql } from "../../eql/index.ts";
import { option } from "../../option/option.ts";
import type { QueryLanguage } from "../query-language.ts";
import type { DetectorTools } from "../rule-type.ts";
import type { EqlRule } from "./options.ts";

const checked = (query: string): string => {
  compileEql(query);
  return query;
};

/** How the query of a rule is compiled. `types`: of fields, in place of those of ECS. */
export const eqlOptionsOf = (
  { correlation }: Pick<EqlRule, "correlation">,
  types: DetectorTools["types"],
): EqlOptions => ({
  category: correlation.category,
  ...(types && { fields: types, unlisted: "by_value" }),
});

/** Elastic's Event Query Language. Its queries are about single events, or about several, so it has no `matcher`. */
export const eql: QueryLanguage = {
  name: "eql",
  title: "EQL",
  option: option.compiled("an EQL query", checked),
  explain: (rule, data, { fields }) => explainEql(rule.query, data, eqlOptionsOf(rule as EqlRule, fields)),
};
