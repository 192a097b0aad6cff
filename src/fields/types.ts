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

export type FieldType = (typeof fieldTypes)[number];
