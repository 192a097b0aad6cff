import type { ExactNumber } from "../exact-number.ts";

/** One value of a field in Elasticsearch's document model: not null, an object or an array. */
export type Scalar = string | number | boolean | ExactNumber;

/** The types of Elasticsearch mappings that weir supports. */
export const fieldTypes = [
  "keyword",
  "constant_keyword",
  "wildcard",
  "text",
  "match_only_text",
  "version",
  "ip",
  "boolean",
  "date",
  "date_nanos",
  "long",
  "unsigned_long",
  "integer",
  "short",
  "byte",
  "double",
  "float",
  "half_float",
  "scaled_float",
  "flattened",
  "nested",
  "object",
  "geo_point",
  "geo_shape",
  "binary",
] as const;

export type PlainType = (typeof fieldTypes)[number];

/** A type; that of dates may have the format of their texts, as in a mapping: `date yyyy/MM/dd||epoch_millis`. */
export type FieldType = PlainType | `date ${string}`;
