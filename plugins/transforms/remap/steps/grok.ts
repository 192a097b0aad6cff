import { option } from "weir";
import { readPath, writePath } from "weir/fields";
import { Grok } from "../grok/grok.ts";
import { defineStep, shown, unfit } from "../step.ts";

export const grok = defineStep({
  option: option.group({
    field: option.field("The text to match."),
    patterns: option.list(option.text, { minItems: 1 })(
      "Grok expressions, tried in order; one matches if it matches a part of the text.",
      { examples: [["%{COMBINEDAPACHELOG}"]] },
    ),
    pattern_definitions: option.optional(
      option.map(option.text, { title: "a name in letters, digits and _", pattern: "^\\w+$" })(
        "Own patterns, by name.",
      ),
    ),
    ignore_missing: option.boolean("Whether to pass events without the field.", { default: false }),
  })("Cuts a text into fields by named patterns."),
  compile: ({ field, patterns, pattern_definitions = {}, ignore_missing }) => {
    const grok = new Grok(patterns, writePath, pattern_definitions);
    const source = readPath(field);
    return (draft) => {
      const value = draft.get(source);
      if (value === undefined && ignore_missing) return undefined;
      if (typeof value !== "string") return unfit(source, value, "a text");
      const isFound = grok.match(value, (path, captured) => draft.set(path, captured));
      return isFound ? undefined : { failed: `no pattern matches ${shown(value)}` };
    };
  },
});
