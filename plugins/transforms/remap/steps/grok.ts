import { option } from "weir";
import { writePath } from "weir/fields";
import { Grok } from "../grok/grok.ts";
import { defineStep, shown } from "../step.ts";
import { ignore_missing, onText } from "./on-text.ts";

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
    ignore_missing,
  })("Cuts a text into fields by named patterns."),
  compile: (config) => {
    const grok = new Grok(config.patterns, writePath, config.pattern_definitions);
    return onText(config, (text, draft) => {
      const isFound = grok.match(text, (path, captured) => draft.set(path, captured));
      return isFound ? undefined : { failed: `no pattern matches ${shown(text)}` };
    });
  },
});
