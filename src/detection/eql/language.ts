import { type CompiledEql, compileEql, type EqlOptions, type EqlPipe, explainEql, neversIn } from "../../eql/index.ts";
import { offsetOf } from "../../eql/places.ts";
import { compiling, type OptionDecoder, summaryOf } from "../../option/decoder.ts";
import { schemaFor } from "../../option/option.ts";
import { neverText, type QueryLanguage } from "../query-language.ts";
import type { DetectorTools } from "../rule-type.ts";
import type { EqlRule } from "./options.ts";

/** Checks a query, and warns of what in it can have no effect. */
const decode: OptionDecoder = (query, catalogs, warn, beside) => {
  const compiled = compiling(compileEql, "config/compiled", wrongEql)(query, catalogs, warn, beside) as CompiledEql;
  const [first, ...others] = neversIn(query);
  if (first) {
    const which = others.length > 0 ? ` (the first of ${others.length + 1} such conditions)` : "";
    warn("config/never-true", [`The condition on "${first.field}"${which}`, first.reason], first.hint, first.offset);
  }
  for (const pipe of pipesOf(compiled))
    warn("config/pipe-without-effect", [pipeText(pipe), noEnd], capHint, offsetOf(pipe));
  return query;
};

const pipesOf = (compiled: CompiledEql): readonly EqlPipe[] => (compiled.type === "sample" ? [] : compiled.pipes);
const pipeText = ({ name, count }: EqlPipe): string => `| ${name} ${count}`;

const wrongEql = (error: Error): string => `This is not an EQL query: ${summaryOf(error).replace(/\.$/, "")}.`;
const noEnd = "a stream has no first or last result, so every one raises an alert";
const capHint = "Leave it out. To cap the alerts of a rule, set max_alerts in the overrides of the pipeline.";

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
  option: (description) =>
    schemaFor<string>({ title: "an EQL query", type: "string", kind: "compiled", decode, description }),
  withoutEffect: (rule, { fields }) => {
    const options = eqlOptionsOf(rule as EqlRule, fields);
    const nevers = neversIn(rule.query, options).map(({ field, reason, hint }) => neverText(field, reason, hint));
    const pipes = pipesOf(compileEql(rule.query, options));
    return [...nevers, ...pipes.map((pipe) => `"${pipeText(pipe)}" has no effect: ${noEnd}.`)];
  },
  explain: (rule, data, { fields }) => explainEql(rule.query, data, eqlOptionsOf(rule as EqlRule, fields)),
};
