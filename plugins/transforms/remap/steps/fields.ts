import { option } from "weir";
import { type Edit, readPath, writePath } from "weir/fields";
import { atOption } from "weir/transform";
import { type Action, defineStep } from "../step.ts";

/** Names of fields, each with a value. */
export const fieldNames = { title: "a field such as user.name", pattern: "^[^\\s].*$" };

const fieldsToFields = option.map(option.field, fieldNames);
const fields = option.list(option.field, { minItems: 1 });

const missing = (text: string) => ({ failed: `the event has no field "${text}"` });

export const rename = defineStep({
  option: fieldsToFields(
    "Fields, each with its new name. It fails for a field that is not there, or whose new name is taken.",
  ),
  compile: (names) => Object.entries(names).map(([from, to]) => atOption([from], () => move(from, to, true))),
  edits: (names) => editsOf("rename", names),
});

export const copy = defineStep({
  option: fieldsToFields(
    "Fields, each with the name of its copy, which may replace a value. It fails for a field that is not there. `_meta` is what weir knows about the event, such as `_meta.log.file.path`.",
  ),
  compile: (names) => Object.entries(names).map(([from, to]) => atOption([from], () => move(from, to, false))),
  edits: (names) => editsOf("copy", names),
});

const editsOf = (kind: "copy" | "rename", names: Readonly<Record<string, string>>): readonly Edit[] =>
  Object.entries(names).map(([from, to]) => ({ kind, from: readPath(from), to: writePath(to) }));

const move = (from: string, to: string, isRename: boolean): Action => {
  const [source, target] = [isRename ? writePath(from) : readPath(from), writePath(to)];
  return (draft) => {
    const value = draft.get(source);
    if (value === undefined) return missing(from);
    if (!isRename) draft.set(target, value);
    else if (draft.get(target) !== undefined) return { failed: `the field "${to}" is already there` };
    else {
      draft.remove(source);
      draft.set(target, value);
    }
    return undefined;
  };
};

export const remove = defineStep({
  option: fields("Fields to remove; those that are not there do not matter."),
  compile: (names) => {
    const paths = names.map((name, index) => atOption([index], () => readPath(name)));
    return (draft) => {
      for (const path of paths) draft.removeAll(path);
      return undefined;
    };
  },
  edits: (names) => names.map((name) => ({ kind: "remove", from: readPath(name) })),
});

export const keep = defineStep({
  option: fields("The only fields to keep."),
  compile: (names) => {
    const paths = names.map((name, index) => atOption([index], () => writePath(name)));
    return (draft) => {
      const kept = paths.map((path) => [path, draft.get(path)] as const);
      draft.replace({});
      for (const [path, value] of kept) if (value !== undefined) draft.set(path, value);
      return undefined;
    };
  },
});
