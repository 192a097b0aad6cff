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

/** The fields that need a type: the ip fields of ECS 8. All others have the JSON type of their values. */
export const ecsFieldTypes: Readonly<Record<string, FieldType>> = {
  "client.ip": "ip",
  "client.nat.ip": "ip",
  "destination.ip": "ip",
  "destination.nat.ip": "ip",
  "dns.resolved_ip": "ip",
  "host.ip": "ip",
  "network.forwarded_ip": "ip",
  "observer.ip": "ip",
  "related.ip": "ip",
  "server.ip": "ip",
  "server.nat.ip": "ip",
  "source.ip": "ip",
  "source.nat.ip": "ip",
  "threat.enrichments.indicator.ip": "ip",
  "threat.indicator.ip": "ip",
};

/** The ECS type of a field, if it matters; `undefined` if the field has the JSON type of its values. */
export const typeOf = (field: string): FieldType | undefined =>
  Object.hasOwn(ecsFieldTypes, field) ? ecsFieldTypes[field] : undefined;
