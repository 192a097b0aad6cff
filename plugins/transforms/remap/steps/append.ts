import { option } from "weir";
import { type Draft, type WritePath, writePath } from "weir/fields";
import { atOption } from "weir/transform";
import { defineStep } from "../step.ts";
import { fieldNames } from "./fields.ts";
import { madeBy, valueIn } from "./set.ts";

/** The list at a path; a single value is a list of one, and null, as no value, an empty one. */
export const listAt = (draft: Draft, path: WritePath): readonly unknown[] => {
  const value = draft.get(path);
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
};

export const append = defineStep({
  option: option.map(
    option.json,
    fieldNames,
  )(
    'Fields, each with a value or a list of values to add, with templates and expressions as in `set`; a single value becomes a list. To add only what is not there, `where: "not tags: x"`.',
  ),
  compile: (values) =>
    Object.entries(values).map(([field, value]) => {
      const path = atOption([field], () => writePath(field));
      const make = atOption([field], () => valueIn(value));
      return (draft, { failure }) => {
        const made = madeBy(make, draft, failure);
        if ("failed" in made) return made;
        const added = Array.isArray(made.value) ? made.value : [made.value];
        draft.set(path, [...listAt(draft, path), ...added]);
        return undefined;
      };
    }),
});
