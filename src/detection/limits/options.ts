import { option } from "../../option/option.ts";

/** How a rule's alerts are suppressed, in rule files and overrides. */
export const suppressionOption = option.group({
  group_by: option.list(option.field, { minItems: 1, maxItems: 5 })(
    "Of the alerts with the same values in these fields, the first is sent.",
  ),
  duration: option.window("How long those that follow are suppressed, since the first."),
  missing_fields_strategy: option.oneOf("suppress", "doNotSuppress")(
    "Alerts without a value in one of the fields: `suppress` puts them into a group of their own, `doNotSuppress` sends each.",
    { default: "suppress" },
  ),
});

/** How many alerts of a rule are sent within a time. */
export const capOption = option.group({
  count: option.integer("How many alerts are sent.", { minimum: 1, maximum: 1_000_000 }),
  every: option.window("The time that the count is for. It begins with an alert."),
});

export type Suppression = ReturnType<typeof suppressionOption>["decoded"];
export type Cap = ReturnType<typeof capOption>["decoded"];
