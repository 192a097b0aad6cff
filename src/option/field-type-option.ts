import { momentReader } from "../fields/date-format.ts";
import { type FieldType, fieldTypes } from "../fields/types.ts";
import { writtenType } from "../fields/written-type.ts";
import { isObject } from "../json.ts";
import { compiling, DecodeError, type OptionDecoder, summaryOf } from "./decoder.ts";
import { option, schemaFor, schemaOf } from "./option.ts";

const withFormat = schemaOf({
  type: option.oneOf(...fieldTypes)("The type of the field."),
  format: option.optional(
    option.text(
      "How its dates are written: patterns and names as in Elasticsearch, separated by `||`, of which one must fit.",
    ),
  ),
});

const names = `one of ${fieldTypes.join(", ")}`;

const checkFormat = compiling(
  momentReader,
  "config/compiled",
  (error) => `This is not a date format: ${summaryOf(error).replace(/\.$/, "")}.`,
);

const decode: OptionDecoder = (written: unknown, catalogs, warn, beside) => {
  if (isObject(written) && written["format"] !== undefined) {
    if (written["type"] !== "date")
      throw new DecodeError("config/compiled", "Only a field of the type date has a format.", {
        hint: "Remove the format, or write type: date.",
      });
    checkFormat(String(written["format"]), catalogs, warn, beside);
  }
  return writtenType(written);
};

/** The type of a field: a name, or as in a mapping a map with the type, and for dates their format. */
export const fieldTypeOption = (description: string) =>
  schemaFor<FieldType>({
    ...withFormat,
    title: `${names}; or a map with type and format`,
    type: ["string", "object"],
    if: { type: "string" },
    // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema.
    then: { title: names, type: "string", enum: fieldTypes },
    kind: "field_type",
    description,
    decode: decode as OptionDecoder,
  });
