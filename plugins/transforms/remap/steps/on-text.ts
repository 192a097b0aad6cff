import { option } from "weir";
import { type Draft, readPath } from "weir/fields";
import { type Action, type StepContext, type StepEnd, unfit } from "../step.ts";

/** As in Elasticsearch, null is no value. */
export const ignore_missing = option.boolean("Whether to pass events without the field, or with null in it.", {
  default: false,
});

/** An action on the text in a field. */
export const onText = (
  { field, ignore_missing }: { readonly field: string; readonly ignore_missing: boolean },
  use: (text: string, draft: Draft, context: StepContext) => StepEnd | undefined,
): Action => {
  const source = readPath(field);
  return (draft, context) => {
    const value = draft.get(source);
    if (typeof value === "string") return use(value, draft, context);
    return ignore_missing && (value === undefined || value === null) ? undefined : unfit(source, value, "a text");
  };
};
