import { option } from "weir";
import { writePath } from "weir/fields";
import { defineStep } from "../step.ts";
import { fieldNames } from "./fields.ts";
import { madeBy, valueIn } from "./set.ts";

export const append = defineStep({
  option: option.map(
    option.json,
    fieldNames,
  )(
    'Fields, each with a value or a list of values to add, with templates and expressions as in `set`; a single value becomes a list. To add only what is not there, `where: "not tags: x"`.',
  ),
  compile: (values) =>
    Object.entries(values).map(([field, value]) => {
      const path = writePath(field);
      const make = valueIn(value);
      return (draft, { failure }) => {
        const made = madeBy(make, draft.data, failure);
        if ("failed" in made) return made;
        const added = Array.isArray(made.value) ? made.value : [made.value];
        const before = draft.get(path);
        const list = before === undefined || before === null ? [] : Array.isArray(before) ? before : [before];
        draft.set(path, [...list, ...added]);
        return undefined;
      };
    }),
});
