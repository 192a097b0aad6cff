/** Types of Elasticsearch's mappings that weir can compare. */
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

/** Which fields need a type, by name: what is not listed goes by its JSON type. The ip fields of ECS 8. */
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

/** The type that ECS gives a field, where it matters; `undefined`: the field goes by its JSON type. */
export const typeOf = (field: string): FieldType | undefined =>
  Object.hasOwn(ecsFieldTypes, field) ? ecsFieldTypes[field] : undefined;
