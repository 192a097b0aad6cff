import { option } from "weir";
import { writePath } from "weir/fields";
import { atOption } from "weir/transform";
import { defineStep } from "../step.ts";
import { fieldNames } from "./fields.ts";

export const append = defineStep({
  option: option.map(
    option.json,
    fieldNames,
  )("Fields, each with a value or a list of values to add; a single value becomes a list."),
  compile: (values) =>
    Object.entries(values).map(([field, value]) => {
      const path = atOption([field], () => writePath(field));
      const added = Array.isArray(value) ? value : [value];
      return (draft) => {
        const before = draft.get(path);
        const list = before === undefined || before === null ? [] : Array.isArray(before) ? before : [before];
        draft.set(path, [...list, ...added]);
        return undefined;
      };
    }),
});
