import { ecsFields } from "./ecs-fields.ts";
import type { FieldType } from "./types.ts";

/** How Elasticsearch indexes a field. There is one object for each mapping, so mappings can be compared by identity. */
export interface Mapping {
  /** `by_value`: the JSON type of each value. */
  readonly type: FieldType | "by_value";
  /** Longer texts, in UTF-16 units, are not indexed. */
  readonly ignoreAbove: number;
}

/** What Elastic's packages set for their keyword fields, and ECS for nearly all of its own. */
const usualLimit = 1024;

const mappings = new Map<string, Mapping>();
const mapping = (type: Mapping["type"], ignoreAbove = Number.POSITIVE_INFINITY): Mapping => {
  const key = `${type} ${ignoreAbove}`;
  const known = mappings.get(key) ?? { type, ignoreAbove };
  mappings.set(key, known);
  return known;
};

const byValue = mapping("by_value");

/** The mapping of a field whose type is given; a keyword is as in Elastic's packages. */
export const mappingFor = (type: FieldType): Mapping =>
  type === "keyword" ? mapping("keyword", usualLimit) : mapping(type);

/**
 * The mapping of a field by its name: of ECS, and of Elastic's Kubernetes integration. All other fields have the JSON type
 * of their values, and texts of any length. So do those types of ECS that weir does not tell apart yet: numbers, booleans,
 * dates and objects, full text (without analysis), and `event.original`, which Elasticsearch does not index at all.
 */
export const mappingOf = (field: string): Mapping =>
  ecsMappings().get(field) ?? (kubernetesKeywords.has(field) ? mapping("keyword", usualLimit) : byValue);

const told: ReadonlySet<string> = new Set(["ip", "wildcard", "constant_keyword"]);

const mappingIn = (text: string): Mapping => {
  const [type = "", limit] = text.split(" ");
  if (told.has(type)) return mapping(type as FieldType);
  return type === "keyword" && limit !== undefined ? mapping("keyword", Number(limit)) : byValue;
};

let known: ReadonlyMap<string, Mapping> | undefined;
const ecsMappings = (): ReadonlyMap<string, Mapping> => {
  known ??= new Map(
    Object.entries(ecsFields).flatMap(([text, section]) => fieldsIn(section).map((field) => [field, mappingIn(text)])),
  );
  return known;
};

/** The names of a section of the generated table: lines such as `process.pe: architecture company`. */
const fieldsIn = (section: string): readonly string[] =>
  section
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const [parent, names] = line.split(": ") as [string, string];
      return names.split(" ").map((name) => (parent === "" ? name : `${parent}.${name}`));
    });

/**
 * The keyword fields of audit events in the mapping of Elastic's integration (elastic/integrations,
 * packages/kubernetes/data_stream/audit_logs/fields). Groups, source addresses, the message of a response and the reason
 * of a decision are full text there, and have no limit.
 */
const kubernetesKeywords: ReadonlySet<string> = new Set(
  fieldsIn(`
: apiVersion auditID kind level requestURI stage userAgent verb
annotations: authorization_k8s_io/decision
impersonatedUser: uid username
objectRef: apiGroup apiVersion name namespace resource resourceVersion subresource uid
requestObject.spec.containers.securityContext.capabilities: add
requestObject.spec.containers.securityContext: procMount
requestObject.spec: restartPolicy serviceAccountName type
responseObject.roleRef: kind
responseObject.spec: restartPolicy
responseStatus: reason status
user: uid username
`).map((field) => `kubernetes.audit.${field}`),
);
