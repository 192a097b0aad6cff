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
