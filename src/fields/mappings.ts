import { type Mapping, mappingFor, mappingOf } from "./mapping.ts";
import type { FieldType } from "./types.ts";

/** The mapping of a field by its name; `undefined` for a field that has no values. */
export type MappingOf = (field: string) => Mapping | undefined;

/** What a query is told of the fields. */
interface Fields {
  /** The type of each field. */
  readonly fields?: Readonly<Record<string, FieldType>> | undefined;
  /** How to treat a field that `fields` does not list: `invisible` is the default when `fields` is given. */
  readonly unlisted?: "by_value" | "invisible" | undefined;
}

/** The mapping of each field: as given, of ECS, or by the JSON type of its values. */
export const mappingsOf = ({ fields, unlisted = fields ? "invisible" : "by_value" }: Fields): MappingOf => {
  const ofUnlisted: MappingOf = unlisted === "by_value" ? mappingOf : () => undefined;
  return (field) => (fields && Object.hasOwn(fields, field) ? mappingFor(fields[field]!) : ofUnlisted(field));
};
