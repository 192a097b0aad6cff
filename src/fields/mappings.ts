import { byValue, type Mapping, mappingBelow, mappingFor, mappingOf } from "./mapping.ts";
import type { FieldType } from "./types.ts";

/** The mapping of a field by its name; `undefined` for a field that has no values. */
export type MappingOf = (field: string) => Mapping | undefined;

/** What a query knows about the fields. */
interface Fields {
  /** The type of each field. */
  readonly fields?: Readonly<Record<string, FieldType>> | undefined;
  /** How to treat a field that `fields` does not list: `invisible` is the default when `fields` is given. */
  readonly unlisted?: "by_value" | "invisible" | undefined;
}

/**
 * The mapping of each field: as given, of ECS, or by the JSON type of its values. What is below a `flattened`, `nested` or
 * `object` field that is given needs no type of its own.
 */
export const mappingsOf = (
  { fields, unlisted = fields ? "invisible" : "by_value" }: Fields,
  byName: (field: string) => Mapping = mappingOf,
): MappingOf => {
  const ofUnlisted: MappingOf = unlisted === "by_value" ? byName : () => undefined;
  if (!fields) return ofUnlisted;
  const given = new Map(Object.entries(fields).map(([field, type]) => [field, mappingFor(type)]));
  const hasObjects = [...given.values()].some((mapping) => mappingBelow(mapping) !== undefined);
  return (field) => given.get(field) ?? (hasObjects ? below(field, given) : undefined) ?? ofUnlisted(field);
};

/** The types of fields that a pipeline gives, in place of those of ECS. */
export type FieldTypes = Readonly<Record<string, FieldType>> | undefined;

/** The mapping of a field whose type may be given, and is that of ECS otherwise. */
export const mappingWith = (field: string, fields: FieldTypes): Mapping =>
  mappingsOf({ fields, unlisted: "by_value" })(field) ?? byValue;

const below = (field: string, given: ReadonlyMap<string, Mapping>): Mapping | undefined => {
  for (const object of parentsOf(field)) {
    const mapping = given.get(object);
    if (mapping) return mappingBelow(mapping);
  }
  return undefined;
};

/** The paths of the objects that a field may be in, the nearest first. */
export const parentsOf = (field: string): readonly string[] => {
  const segments = field.split(".");
  return segments.slice(1).map((_segment, index) => segments.slice(0, segments.length - 1 - index).join("."));
};
