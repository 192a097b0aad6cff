import { ecsFields } from "./ecs-fields.ts";
import { integrationFields } from "./integration-fields.ts";
import { keywordObjects, kubernetesFields } from "./kubernetes-fields.ts";
import { compilePath, type Field } from "./path.ts";
import type { FieldType, PlainType } from "./types.ts";

/** How Elasticsearch indexes a field. There is one object for each mapping, so mappings can be compared by identity. */
export interface Mapping {
  /**
   * `by_value`: the JSON type of each value. `flattened_key`: a key of a flattened object. `caseless`: a keyword without regard
   * to letter case. `script_text`: full text, of which the words are those of a script.
   */
  readonly type: PlainType | "by_value" | "flattened_key" | "caseless" | "script_text";
  /** Longer texts, in UTF-16 units, are not indexed. */
  readonly ignoreAbove: number;
  /** The end of the field's name that documents do not have: `.text` of `process.name.text`, which is `process.name` once more. */
  readonly suffix?: string;
  /** Of dates: how their texts are written. */
  readonly format?: string;
}

/** What Elastic's packages set for their keyword fields, and ECS for nearly all of its own. */
const usualLimit = 1024;

const mappings = new Map<string, Mapping>();
const mapping = (
  type: Mapping["type"],
  ignoreAbove = Number.POSITIVE_INFINITY,
  more: Pick<Mapping, "suffix" | "format"> = {},
): Mapping => {
  const key = JSON.stringify([type, ignoreAbove, more.suffix, more.format]);
  const known = mappings.get(key);
  if (known) return known;
  const made = { type, ignoreAbove, ...more };
  if (mappings.size < mostKept) mappings.set(key, made);
  return made;
};

const mostKept = 10_000;

/** The mapping of a field whose values have the type that they have in JSON. */
export const byValue = mapping("by_value");

/** The mapping of a field whose type is given; a keyword is as in Elastic's packages. */
export const mappingFor = (given: FieldType): Mapping => {
  const [type, format] = plainType(given);
  if (format !== undefined) return mapping(type, undefined, { format });
  return type === "keyword" ? mapping("keyword", usualLimit) : mapping(type);
};

const plainType = (type: FieldType): readonly [type: PlainType, format?: string] =>
  type.startsWith("date ") ? ["date", type.slice("date ".length)] : [type as PlainType];

/** The mapping of a key below a field of this type that has no mapping of its own; `undefined` if there are none. */
export const mappingBelow = ({ type }: Mapping): Mapping | undefined => {
  if (type === "flattened") return mapping("flattened_key");
  return type === "nested" || type === "object" ? byValue : undefined;
};

/**
 * The mapping of a field by its name: of ECS, and of Elastic's integrations. All other fields have the JSON type
 * of their values, and texts of any length. So does `event.original`, which Elasticsearch does not index at all.
 */
export const mappingOf = (field: string): Mapping => {
  const own = knownMappings().get(field);
  if (own) return own;
  for (const [object, below] of openObjects()) if (field.startsWith(object)) return below;
  return multiField(field) ?? byValue;
};

/** The mapping of a name for the values of another field: `.caseless`, and for keywords of ECS `.text`. */
const multiField = (field: string): Mapping | undefined => {
  if (field.endsWith(caseless)) return mapping("caseless", usualLimit, { suffix: caseless });
  const parent = field.endsWith(text) ? knownMappings().get(field.slice(0, -text.length)) : undefined;
  return parent?.type === "keyword" || parent?.type === "wildcard"
    ? mapping("match_only_text", undefined, { suffix: text })
    : undefined;
};

const caseless = ".caseless";
const text = ".text";

/** The path of the values of a field with this mapping. */
export const pathOf = (name: string, { suffix = "" }: Mapping): string => name.slice(0, name.length - suffix.length);

/** How to read a field with this mapping. */
export const fieldAt = (name: string, mapping: Mapping): Field => compilePath(pathOf(name, mapping));

let known: ReadonlyMap<string, Mapping> | undefined;
const knownMappings = (): ReadonlyMap<string, Mapping> => {
  known ??= mappingsIn(ecsFields, kubernetesFields, integrationFields);
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

/** The fields of ECS by name, with their types in Elasticsearch. */
export const knownFieldTypes = (): readonly (readonly [name: string, type: string])[] =>
  [...mappingsIn(ecsFields)].flatMap(([name, { type }]) => (type === "by_value" ? [] : [[name, type] as const]));

/** All fields of a section share a mapping: there are thousands of them. */
const mappingsIn = (...tables: readonly Readonly<Record<string, string>>[]): ReadonlyMap<string, Mapping> => {
  const found = new Map<string, Mapping>();
  for (const [text, section] of tables.flatMap((table) => Object.entries(table))) {
    const own = mappingIn(text);
    for (const field of fieldsIn(section)) found.set(field, own);
  }
  return found;
};

const mappingIn = (text: string): Mapping => {
  const [type, limit] = text.split(" ") as [PlainType | "script_text", string?];
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
