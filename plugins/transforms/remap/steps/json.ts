import { option } from "weir";
import { isObject, merged, parseJson, writePath } from "weir/fields";
import { defineStep, shown } from "../step.ts";
import { ignore_missing, onText } from "./on-text.ts";

export const json = defineStep({
  option: option.group({
    field: option.field("The text to parse."),
    target: option.optional(option.field("Where to write the value; the same field by default."), {
      excludes: ["add_to_root"],
    }),
    add_to_root: option.boolean("Whether to write the members of the object into the event itself.", {
      default: false,
    }),
    add_to_root_conflict_strategy: option.oneOf("replace", "merge")(
      "What to do with a field that is already there: replace it, or merge objects.",
      { default: "replace" },
    ),
    ignore_missing,
  })("Parses a text of JSON."),
  compile: (config) => {
    const { field, target = field, add_to_root, add_to_root_conflict_strategy } = config;
    const into = writePath(target);
    return onText(config, (text, draft) => {
      let value: unknown;
      try {
        value = parseJson(text);
      } catch {
        return { failed: `"${field}" is ${shown(text)}, which is not JSON` };
      }
      if (!add_to_root) draft.set(into, value);
      else if (!isObject(value)) return { failed: `"${field}" is ${shown(text)}, which is not an object` };
      else if (add_to_root_conflict_strategy === "merge") draft.replace(merged(draft.data, value));
      else draft.replace({ ...draft.data, ...value });
      return undefined;
    });
  },
});
