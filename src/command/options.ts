import { type Config, type Options, option } from "../option/option.ts";

/** Options of every plugin that runs a command. */
export const commandOptions = {
  command: option.list(option.text, { minItems: 1 })(
    'The command and its arguments. No shell reads them: for one, use `["sh", "-c", "…"]`.',
    { examples: [["vmstat", "-n", "10"]] },
  ),
  working_directory: option.optional(option.path("The folder in which the command runs; by default that of weir.")),
  environment: option.map(option.secret, { title: "the name of a variable", pattern: "^[A-Za-z_][A-Za-z0-9_]*$" })(
    "Variables in addition to those of weir. Never printed.",
    { default: {}, examples: [{ LC_ALL: "C" }] },
  ),
} satisfies Options;

export type CommandConfig = Config<typeof commandOptions>;
