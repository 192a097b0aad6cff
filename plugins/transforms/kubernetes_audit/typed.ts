import { type Data, RejectError } from "weir";
import { ExactNumber, isObject, kindOf } from "weir/fields";

/** A member that must be an object, if present. */
export const objectAt = (audit: Data, field: string): Data | undefined => {
  const value = audit[field];
  if (value === undefined || isObject(value)) return value;
  throw conflict(value, field, "an object");
};

/** A member that must be text, or a number or a boolean that can be read as text, or a list of these. */
export const textAt = (object: Data, field: string, parent?: string): unknown => {
  const value = object[field];
  if (isScalar(value)) return value;
  if (Array.isArray(value) && value.flat(Infinity).every(isScalar)) return value;
  throw conflict(
    Array.isArray(value) ? value.flat(Infinity).find(isObject) : value,
    parent ? `${parent}.${field}` : field,
    "text",
  );
};

const isScalar = (value: unknown): boolean => typeof value !== "object" || value instanceof ExactNumber;

const conflict = (value: unknown, field: string, wanted: string) =>
  new RejectError(
    "field_type_conflict",
    `"${field}" of an audit event must be ${wanted}, not ${kindOf(value)}; Elasticsearch could not index this event`,
  );
