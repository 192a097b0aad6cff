import { option } from "weir";
import { writePath } from "weir/fields";
import type { LinearRegex } from "weir/regex";
import { defineStep, shown } from "../step.ts";
import { listAt } from "./append.ts";
import { ignore_missing, onText } from "./on-text.ts";
import { pattern } from "./texts.ts";

/** The most pairs that a text may have. */
const mostPairs = 10_000;

export const kv = defineStep({
  option: option.group({
    field: option.field("The text with the pairs."),
    field_split: pattern("What is between two pairs: a regular expression.", { examples: ["\\s+"] }),
    value_split: pattern("What is between the key and the value of a pair: a regular expression.", { examples: ["="] }),
    target: option.optional(option.field("The object to write the pairs into; the event itself by default.")),
    include_keys: option.optional(option.list(option.text)("The only keys to take.")),
    exclude_keys: option.list(option.text)("Keys to leave out.", { default: [] }),
    prefix: option.text("What to put before each key.", { default: "" }),
    trim_key: option.text("Characters to remove from the start and the end of keys.", { default: "" }),
    trim_value: option.text("Characters to remove from the start and the end of values.", { default: "" }),
    strip_brackets: option.boolean("Whether to remove quotes and brackets around values.", { default: false }),
    ignore_missing,
  })(
    "Reads pairs of a key and a value. A key that occurs again becomes a list, and so does a field that is already there. Dots in a key are nesting.",
  ),
  compile: (config) => {
    const { field, field_split, target, include_keys, exclude_keys, prefix } = config;
    const [included, excluded] = [include_keys && new Set(include_keys), new Set(exclude_keys)];
    return onText(config, (text, draft) => {
      const pairs = field_split.split(text).filter((pair) => pair !== "");
      if (pairs.length > mostPairs) return { failed: `"${field}" has more than ${mostPairs} pairs` };
      const values = new Map<string, string[]>();
      for (const pair of pairs) {
        const cut = cutAt(pair, config.value_split);
        if (!cut) return { failed: `"${field}" contains ${shown(pair)}, which has no value` };
        const key = trimmed(cut[0], config.trim_key);
        if ((included && !included.has(key)) || excluded.has(key)) continue;
        const bare = config.strip_brackets ? cut[1].replace(/^[([<"']|[)\]>"']$/g, "") : cut[1];
        const value = trimmed(bare, config.trim_value);
        const known = values.get(`${prefix}${key}`);
        if (known) known.push(value);
        else values.set(`${prefix}${key}`, [value]);
      }
      for (const [key, list] of values) {
        const path = writePath(target === undefined ? key : `${target}.${key}`);
        const all = [...listAt(draft, path), ...list];
        draft.set(path, all.length === 1 ? all[0] : all);
      }
      return undefined;
    });
  },
});

const cutAt = (pair: string, separator: LinearRegex): readonly [key: string, value: string] | undefined => {
  const match = separator.exec(pair);
  return match && match.end > match.start ? [pair.slice(0, match.start), pair.slice(match.end)] : undefined;
};

const trimmed = (text: string, characters: string): string => {
  let [start, end] = [0, text.length];
  while (start < end && characters.includes(text[start]!)) start++;
  while (end > start && characters.includes(text[end - 1]!)) end--;
  return text.slice(start, end);
};
