import { option } from "weir";
import { type Draft, isObject, readPath, writePath } from "weir/fields";
import { LinearRegex, type Match } from "weir/regex";
import { type Action, defineStep, type StepEnd, shown, unfit } from "../step.ts";
import { ignore_missing, onText } from "./on-text.ts";

/** A pattern, compiled when the pipeline is loaded; a mistake has its place. */
export const pattern = option.compiled("a regular expression", (text) => new LinearRegex(text));

const fields = option.list(option.field, { minItems: 1 });

/** Changes texts, each by itself or in a list; fails for a field that is not there or has another value. */
const changing =
  (change: (text: string) => string) =>
  (names: readonly string[]): readonly Action[] =>
    names.map((name) => {
      const path = writePath(name);
      return (draft) => changeAt(draft, path, path, change);
    });

type Path = ReturnType<typeof writePath>;

const changeAt = (draft: Draft, from: Path, to: Path, change: (text: string) => unknown): StepEnd | undefined => {
  const value = draft.get(from);
  if (typeof value === "string") draft.set(to, change(value));
  else if (Array.isArray(value) && value.every((item) => typeof item === "string")) draft.set(to, value.map(change));
  else return unfit(from, value, "a text");
  return undefined;
};

export const lowercase = defineStep({
  option: fields("Fields whose text, or each text of a list, becomes lower case."),
  compile: changing((text) => text.toLowerCase()),
});

export const uppercase = defineStep({
  option: fields("Fields whose text, or each text of a list, becomes upper case."),
  compile: changing((text) => text.toUpperCase()),
});

export const trim = defineStep({
  option: fields("Fields whose text, or each text of a list, loses the white space at its start and end."),
  compile: changing((text) => text.trim()),
});

const target = option.optional(option.field("Where to write the result; the same field by default."));

export const gsub = defineStep({
  option: option.group({
    field: option.field("The text, or list of texts."),
    pattern: pattern("What to replace, everywhere."),
    replacement: option.text(
      "What to put there; `$1` and `${name}` stand for groups, `$0` for the match, and `\\$` for a dollar.",
    ),
    target,
    ignore_missing,
  })("Replaces what matches a regular expression."),
  compile: ({ field, pattern, replacement, target = field, ignore_missing }) => {
    const [from, to] = [readPath(field), writePath(target)];
    const by = replacementOf(replacement, pattern);
    return (draft) => {
      if (ignore_missing && (draft.get(from) ?? null) === null) return undefined;
      return changeAt(draft, from, to, (text) => pattern.replace(text, by));
    };
  },
});

const replacementOf = (text: string, { groups }: LinearRegex): ((match: Match) => string) => {
  const parts = [...text.matchAll(/\\(.)|\$(\d{1,2})|\$\{(\w+)\}|[^\\$]+|[\\$]/gs)].map(
    ([whole, escaped, index, name]) => {
      if (escaped !== undefined) return escaped;
      if (index === undefined && name === undefined) return whole;
      const group = name === undefined ? Number(index) : groups.indexOf(name) + 1;
      if (group > groups.length || (name !== undefined && group === 0))
        throw new Error(`the replacement has "${whole}", but the pattern has no such group`);
      return group;
    },
  );
  return (match) => parts.map((part) => (typeof part === "string" ? part : (match.group(part) ?? ""))).join("");
};

export const split = defineStep({
  option: option.group({
    field: option.field("The text to split."),
    separator: pattern("What is between two parts: a regular expression."),
    target,
    preserve_trailing: option.boolean("Whether to keep empty parts at the end.", { default: false }),
    ignore_missing,
  })("Splits a text into a list."),
  compile: (config) => {
    const { field, separator, target = field, preserve_trailing } = config;
    const to = writePath(target);
    return onText(config, (text, draft) => {
      const parts = separator.split(text);
      // A text without a separator is one part, even if it is empty.
      if (!preserve_trailing && parts.length > 1) while (parts.at(-1) === "") parts.pop();
      draft.set(to, parts);
      return undefined;
    });
  },
});

export const join = defineStep({
  option: option.group({
    field: option.field("The list to join."),
    separator: option.text("What to put between two items."),
    target,
  })("Joins a list to one text."),
  compile: ({ field, separator, target = field }) => {
    const [from, to] = [readPath(field), writePath(target)];
    return (draft) => {
      const value = draft.get(from);
      if (!Array.isArray(value)) return unfit(from, value, "a list");
      const wrong = value.find((item) => item === null || isObject(item) || Array.isArray(item));
      if (wrong !== undefined) return { failed: `"${field}" contains ${shown(wrong)}, which cannot be joined` };
      draft.set(to, value.map(String).join(separator));
      return undefined;
    };
  },
});

export const regex = defineStep({
  option: option.group({
    field: option.field("The text to match."),
    pattern: pattern("An expression with named groups: `(?<user>\\w+)`. It matches if a part of the text does."),
    target: option.optional(option.field("The object to write the groups into; the event itself by default.")),
    ignore_missing,
  })("Writes the named groups of a regular expression as fields."),
  compile: (config) => {
    const { pattern, target } = config;
    const groups = pattern.groups.flatMap((name, index) =>
      name === undefined ? [] : [[index + 1, writePath(target === undefined ? name : `${target}.${name}`)] as const],
    );
    return onText(config, (text, draft) => {
      const match = pattern.exec(text);
      if (!match) return { failed: `the pattern does not match ${shown(text)}` };
      for (const [group, path] of groups) {
        const found = match.group(group);
        if (found !== undefined) draft.set(path, found);
      }
      return undefined;
    });
  },
});
