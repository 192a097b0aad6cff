import { compileGlob } from "../../glob.ts";
import { type Config, option } from "../../option/option.ts";
import { atOption, OptionError } from "../../option/option-error.ts";
import { didYouMean } from "../../problem.ts";
import type { Rule } from "../rule.ts";
import { setRuleType, typeOfRule } from "../rule-types.ts";
import { changeOptions, profileOf } from "./profiles.ts";

const options = {
  profile: option.optional(option.text("A profile that comes with the rule, such as `tuned`; by default `literal`.")),
  enabled: option.optional(option.boolean("Whether the rule runs.")),
  title: option.optional(option.text("The display name of the rule.")),
  tags: option.optional(option.list(option.text)("Tags in place of those of the rule.")),
  ...changeOptions,
  lateness: option.optional(
    option.duration(
      "How late an event can come and still count as if it came in time: see `lateness` of the rule's type.",
    ),
  ),
};

/** What a pipeline changes of a rule. */
export type Override = Config<typeof options>;

/** An option that is a map from rules, by name, id or tag with `*` for any text, to what is changed of them. */
export const overridesOption = option.map(option.group(options), {
  title: "the name, id or tag of a rule",
  pattern: "^.+$",
});

/**
 * The rules with what the overrides change of them, without those that are not enabled. Of several overrides for a rule, later
 * ones win; what they say counts more than a profile. Throws an `OptionError` at one that is for no rule.
 */
export const overridden = (
  rules: readonly Rule[],
  overrides: Readonly<Record<string, Override>> = {},
): readonly Rule[] => {
  const given = Object.entries(overrides).map(([pattern, override]) => ({
    pattern,
    override,
    isFor: compileGlob(pattern.split("*")),
  }));
  const names = ({ name, id, tags }: Rule) => [name, id, ...tags];
  for (const { pattern, isFor, override } of given) {
    if (!rules.some((rule) => names(rule).some(isFor)))
      throw new OptionError(`the override "${pattern}" applies to no rule of this component`, ["overrides", pattern], {
        hint:
          didYouMean(
            pattern,
            rules.map(({ name }) => name),
          ) ?? "Name a rule, its id or one of its tags.",
      });
    const isLate = (rule: Rule) => typeOfRule(rule).withLateness !== undefined;
    if (override.lateness !== undefined && !rules.some((rule) => names(rule).some(isFor) && isLate(rule)))
      throw new OptionError(`no rule of the override "${pattern}" has a lateness`, ["overrides", pattern, "lateness"], {
        hint: "Rules of the types eql, new_terms and threshold have one.",
      });
  }
  return rules.flatMap((rule) => {
    const own = given.filter(({ isFor }) => names(rule).some(isFor));
    if (own.length === 0) return [rule];
    const {
      enabled = true,
      profile,
      lateness,
      ...changes
    } = Object.assign({}, ...own.map(({ override }) => override)) as Override;
    if (!enabled) return [];
    const chosen = own.findLast(({ override }) => override.profile !== undefined)?.pattern ?? "";
    const changed = {
      ...rule,
      ...(lateness !== undefined && typeOfRule(rule).withLateness?.(rule, lateness)),
      ...(profile !== undefined && atOption(["overrides", chosen], () => profileOf(rule, profile))),
      ...changes,
    };
    setRuleType(changed, typeOfRule(rule));
    return [changed];
  });
};
