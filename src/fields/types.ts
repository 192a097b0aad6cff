/** One value of a field in Elasticsearch's document model: not null, an object or an array. */
export type Scalar = string | number | boolean;

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
  | "integer"
  | "short"
  | "byte"
  | "double"
  | "float";
