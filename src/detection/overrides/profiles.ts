import { type Config, option } from "../../option/option.ts";
import { OptionError } from "../../option/option-error.ts";
import { didYouMean } from "../../problem.ts";
import { capOption, suppressionOption } from "../limits/options.ts";
import { severityOption } from "../severity-option.ts";

/** The profile of every rule in which nothing is changed. */
const literal = "literal";

/** What profiles and pipelines alike can change of a rule. */
export const changeOptions = {
  severity: option.optional(severityOption("How severe an alert is.")),
  risk_score: option.optional(option.integer("The severity as a number.", { minimum: 0, maximum: 100 })),
  suppression: option.optional(suppressionOption("Which alerts are suppressed because they repeat another one.")),
  max_alerts: option.optional(capOption("How many alerts of the rule are sent within a time; by default all.")),
};

const options = {
  changes: option.text("What is different with it, and why, in sentences."),
  without: option.optional(option.kql("Events that the rule does not see; see the exceptions of a pipeline.")),
  ...changeOptions,
};

/** A tried set of changes that comes with a rule. */
export type Profile = Config<typeof options>;

/** An option that is a map of profiles by name. */
export const profilesOption = option.map(option.group(options), {
  title: "a name of letters, digits and _",
  pattern: "^[A-Za-z][A-Za-z0-9_]*$",
});

/** What a profile changes of a rule. Throws an `OptionError` if the rule has no profile of this name. */
export const profileOf = (
  { name: rule, profiles = {} }: { readonly name: string; readonly profiles?: Readonly<Record<string, Profile>> },
  name: string,
): Omit<Profile, "changes"> => {
  if (name === literal) return {};
  if (!Object.hasOwn(profiles, name)) {
    const known = [literal, ...Object.keys(profiles)];
    throw new OptionError(`the rule "${rule}" has no profile "${name}"`, ["profile"], {
      hint: didYouMean(name, known) ?? `Available: ${known.join(", ")}.`,
    });
  }
  const { changes: _, ...changed } = profiles[name]!;
  return changed;
};
