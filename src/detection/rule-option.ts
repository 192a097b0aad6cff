import { DecodeError, type OptionDecoder } from "../option/decoder.ts";
import { kind } from "../option/option.ts";
import { didYouMean } from "../problem.ts";
import type { Rule } from "./rule.ts";

const findRule: OptionDecoder = (name, { rules }) => {
  const found = rules.get(name);
  if (found?.ok) return found.value;
  if (found) throw new DecodeError("config/rule-in-error", name, { problems: found.problems });
  const known = rules.names();
  const hint = didYouMean(name, known) ?? (known.length > 0 ? `Available: ${known.join(", ")}.` : undefined);
  throw new DecodeError("config/unknown-rule", name, { hint });
};

/** An option that is the name of a rule or the path of its file. It is decoded to the rule. */
export const ruleOption = kind<Rule, string>("rule", {
  title: "the name of a rule, or the path of its file",
  type: "string",
  minLength: 1,
  decode: findRule,
});
