import { ecsFields } from "./ecs-fields.ts";
import { keywordObjects, kubernetesFields } from "./kubernetes-fields.ts";
import type { FieldType } from "./types.ts";

/** How Elasticsearch indexes a field. There is one object for each mapping, so mappings can be compared by identity. */
export interface Mapping {
  /** `by_value`: the JSON type of each value. `flattened_key`: a key of a flattened object. */
  readonly type: FieldType | "by_value" | "flattened_key";
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

/** The mapping of a field whose values have the type that they have in JSON. */
export const byValue = mapping("by_value");

/** The mapping of a field whose type is given; a keyword is as in Elastic's packages. */
export const mappingFor = (type: FieldType): Mapping =>
  type === "keyword" ? mapping("keyword", usualLimit) : mapping(type);

/** The mapping of a key below a field of this type that has no mapping of its own; `undefined` if there are none. */
export const mappingBelow = ({ type }: Mapping): Mapping | undefined => {
  if (type === "flattened") return mapping("flattened_key");
  return type === "nested" || type === "object" ? byValue : undefined;
};

/**
 * The mapping of a field by its name: of ECS, and of Elastic's Kubernetes integration. All other fields have the JSON type
 * of their values, and texts of any length. So does `event.original`, which Elasticsearch does not index at all.
 */
export const mappingOf = (field: string): Mapping => {
  const own = knownMappings().get(field);
  if (own) return own;
  for (const [object, below] of openObjects()) if (field.startsWith(object)) return below;
  return byValue;
};

let known: ReadonlyMap<string, Mapping> | undefined;
const knownMappings = (): ReadonlyMap<string, Mapping> => {
  known ??= new Map([...mappingsIn(ecsFields), ...mappingsIn(kubernetesFields)]);
  return known;
};

/** The objects with keys that have no mapping of their own, and a dot; and the mapping of these keys. */
let open: readonly (readonly [string, Mapping])[] | undefined;
const openObjects = (): readonly (readonly [string, Mapping])[] => {
  open ??= [
    ...keywordObjects.map((name) => [`${name}.`, mapping("keyword", usualLimit)] as const),
    ...[...knownMappings()].flatMap(([name, { type }]) =>
      type === "flattened" ? [[`${name}.`, mapping("flattened_key")] as const] : [],
    ),
  ];
  return open;
};

const mappingsIn = (table: Readonly<Record<string, string>>): readonly (readonly [string, Mapping])[] =>
  Object.entries(table).flatMap(([text, section]) =>
    fieldsIn(section).map((field) => [field, mappingIn(text)] as const),
  );

const mappingIn = (text: string): Mapping => {
  const [type, limit] = text.split(" ") as [FieldType, string?];
  if (type !== "keyword") return mapping(type);
  return limit === undefined ? byValue : mapping("keyword", Number(limit));
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
