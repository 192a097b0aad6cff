import type { Multiline } from "../decode/join/multiline.ts";
import { type Config, option } from "../option/option.ts";
import { LinearRegex } from "../regex/index.ts";

const pattern = option.compiled("a regular expression", (text) => new LinearRegex(text));

/** Which lines of a source are one event. */
export const multilineOption = option.optional(
  option.oneOption(
    {
      start: pattern("Matches the first line of an event; other lines go on with the event before them."),
      continue: pattern("Matches lines that go on with the event before them."),
      end: pattern("Matches the last line of an event."),
      unfinished: pattern("Matches lines with which the event does not end, such as those that end in a backslash."),
    },
    {
      max_lines: option.integer("The most lines of an event. What follows becomes another event.", {
        default: 500,
        minimum: 2,
        maximum: 1_000_000,
      }),
      max_bytes: option.bytes(
        "The largest size of an event of several lines. What follows becomes another event; a single line may be as long as `max_line`.",
        { default: "1MiB" },
      ),
      timeout: option.window("How long an event waits for its next line while nothing comes.", { default: "5s" }),
    },
  )(
    "Joins lines that belong together, such as those of a stack trace, with one of four patterns. A pattern matches anywhere in a line unless it has `^` or `$`.",
  ),
);

const rules = ["start", "continue", "end", "unfinished"] as const;

export const multilineOf = (
  config: Config<{ readonly multiline: typeof multilineOption }>["multiline"],
): Multiline | undefined => {
  const rule = rules.find((name) => config?.[name] !== undefined);
  if (!config || !rule) return undefined;
  const { max_lines: maxLines, max_bytes: maxBytes, timeout } = config;
  return { rule, pattern: config[rule]!, maxLines, maxBytes, timeout };
};
