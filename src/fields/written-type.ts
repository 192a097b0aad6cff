import { DateFormatError } from "../dates/pattern.ts";
import { isObject } from "../json.ts";
import { momentReader } from "./date-format.ts";
import { type FieldType, fieldTypes } from "./types.ts";

/** The type of a field as pipelines have it: a name, or a map with `type` and `format`; `undefined` if it is none. */
export const writtenType = (written: unknown): FieldType | undefined => {
  const { type, format } = isObject(written) ? written : { type: written };
  if (format === undefined) return (fieldTypes as readonly unknown[]).includes(type) ? (type as FieldType) : undefined;
  return type === "date" && typeof format === "string" && isFormat(format) ? `date ${format}` : undefined;
};

const isFormat = (format: string): boolean => {
  try {
    return momentReader(format) !== undefined;
  } catch (error) {
    if (error instanceof DateFormatError) return false;
    throw error;
  }
};
