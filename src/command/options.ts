import { type Config, type Options, option } from "../option/option.ts";

/** Options of every plugin that runs a command. */
export const commandOptions = {
  command: option.list(option.text, { minItems: 1 })(
    'The command and its arguments. weir starts it without a shell; if you need one, use `["sh", "-c", "…"]`.',
    { examples: [["df", "-P"]] },
  ),
  working_directory: option.optional(option.path("Folder to run the command in. Default: weir's working directory.")),
  environment: option.map(option.secret, { title: "the name of a variable", pattern: "^[A-Za-z_][A-Za-z0-9_]*$" })(
    "Environment variables to add to weir's own. Never printed.",
    { default: {}, examples: [{ LC_ALL: "C" }] },
  ),
} satisfies Options;

export type CommandConfig = Config<typeof commandOptions>;
