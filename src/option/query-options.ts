import type { FieldType } from "../fields/types.ts";
import { fieldTypeOption } from "./field-type-option.ts";
import { type Options, option } from "./option.ts";

/** The types of fields, for the queries of a component: option `fields`. Other fields have the types of ECS. */
export const fieldTypesOption = option.map<FieldType>(fieldTypeOption, {
  title: "a field such as user.name",
  pattern: "^[^*]{1,1024}$",
});

/** Fields to search for a text that names no field, for the queries of a component: option `default_fields`. */
export const defaultFieldsOption = option.list(option.field, { minItems: 1, maxItems: 64 });

/**
 * The options `fields` and `default_fields`, for a component with KQL queries. Its options of kind `kql` are checked with
 * them; `kqlOptionsOf` of "weir/kql" makes of them what `compileKql` takes.
 */
export const queryOptions = {
  fields: option.optional(
    fieldTypesOption(
      "Types of fields in queries, as in a mapping of Elasticsearch, in place of those that ECS gives them.",
      { examples: [{ "app.released": "date", "app.version": "version" }] },
    ),
  ),
  default_fields: option.optional(
    defaultFieldsOption("Fields to search for a text that names no field.", { examples: [["message"]] }),
  ),
} satisfies Options;
