import { type Config, type Extras, type Option, option, schemaFor } from "../../option/option.ts";
import { expiryOption } from "./expiry-option.ts";
import { valueListOption } from "./value-list-option.ts";

/** What a value in an exception can be. */
type Value = string | number | boolean;

const valueOption = (
  description: string,
  extras: Extras<Value | readonly Value[]> = {},
): Option<Value | readonly Value[]> =>
  schemaFor({
    title: "a text, a number, true or false, or a list of them",
    type: ["string", "number", "boolean", "array"],
    items: { title: "a text, a number, true or false", type: ["string", "number", "boolean"] },
    minItems: 1,
    description,
    ...extras,
  });

const operator = option.oneOf("included", "excluded")(
  "With `excluded`, the entry is true if it would be false otherwise.",
  {
    default: "included",
  },
);

const innerEntry = option.group({
  field: option.field("The field within the object, without the path to it."),
  type: option.oneOf("match", "match_any", "wildcard", "exists")("How the field is compared."),
  operator,
  value: option.optional(valueOption("What it is compared with.")),
});

const list = option.group({
  file: valueListOption("A file with one value on each line, relative to the pipeline file."),
  type: option.oneOf(
    "keyword",
    "ip",
    "ip_range",
  )("What the values are: an `ip_range` is `10.0.0.0/8` or `10.0.0.1-10.0.0.9`.", {
    default: "keyword",
  }),
});

const entry = option.group({
  field: option.field("The field, or for `nested` the path of the objects."),
  type: option.oneOf(
    "match",
    "match_any",
    "wildcard",
    "exists",
    "list",
    "nested",
  )("How the field is compared, as in Elastic's exception items."),
  operator,
  value: option.optional(
    valueOption("What it is compared with. In a `wildcard`, `*` stands for any text and `?` for one character."),
  ),
  list: option.optional(list("For `list`: the values, one of which the field must have.")),
  entries: option.optional(
    option.list(innerEntry, { minItems: 1 })("For `nested`: what one and the same object must have."),
  ),
});

/** One exception. */
export const exceptionOptions = {
  name: option.text("A name for messages and metrics."),
  rules: option.list(option.text, { minItems: 1 })(
    "The rules that it is for: their names, ids, titles or tags; `*` stands for any text.",
  ),
  entries: option.list(entry, { minItems: 1 })("What an event must have to be excepted: all of it."),
  reason: option.text("Why these events are harmless."),
  owner: option.optional(option.text("Who answers for it.")),
  expires: option.optional(
    expiryOption("When it ends: a date, from its beginning in UTC, or a time. Later events are not excepted."),
  ),
};

/** Events that a rule must not alert on, decoded. `expires` is in milliseconds since 1970. */
export type Exception = Config<typeof exceptionOptions>;
export type ExceptionEntry = Exception["entries"][number];
export type InnerEntry = NonNullable<ExceptionEntry["entries"]>[number];

export const exceptionsOption = option.list(option.group(exceptionOptions));
