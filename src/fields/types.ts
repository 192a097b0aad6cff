import type { ExactNumber } from "../exact-number.ts";

/** One value of a field in Elasticsearch's document model: not null, an object or an array. */
export type Scalar = string | number | boolean | ExactNumber;

/** The types of Elasticsearch mappings that weir supports. */
export type FieldType =
  | "keyword"
  | "constant_keyword"
  | "wildcard"
  | "text"
  | "match_only_text"
  | "ip"
  | "boolean"
  | "long"
  | "unsigned_long"
  | "integer"
  | "short"
  | "byte"
  | "double"
  | "float";
