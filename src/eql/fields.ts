import { fieldAt, type Mapping } from "../fields/mapping.ts";
import type { MappingOf } from "../fields/mappings.ts";
import type { Field } from "../fields/path.ts";
import { pathProblem } from "../fields/path-limits.ts";
import { printable, shortened } from "../text.ts";
import { EqlError } from "./error.ts";
import { formatExpression } from "./format.ts";
import type { EqlExpression, EqlField } from "./node.ts";
import { offsetOf } from "./places.ts";
import { type ReadValue, readerOf } from "./value.ts";

/** How to read a field of an event. */
export interface FieldAccess {
  readonly mapping: Mapping;
  readonly field: Field;
  readonly read: ReadValue;
}

/** How to read each field; `undefined` for one that has no values. */
export type AccessOf = (node: EqlField) => FieldAccess | undefined;

/** An error about a part of a query, as it stands there. */
export const errorAt = (node: EqlExpression, what: (text: string) => string, hint: string): EqlError =>
  new EqlError(what(quoted(node)), hint, offsetOf(node));

const quoted = (node: EqlExpression): string => {
  const text = shortened(printable(formatExpression(node)), 80);
  return node.type === "string" ? text : `"${text}"`;
};

/** Each field is compiled once. Throws an `EqlError` for one that EQL cannot read. */
export const accessOf = (mappings: MappingOf): AccessOf => {
  const known = new Map<string, FieldAccess | undefined>();
  return (node) => {
    if (known.has(node.name)) return known.get(node.name);
    const access = compile(node, mappings(node.name));
    known.set(node.name, access);
    return access;
  };
};

const compile = (node: EqlField, mapping: Mapping | undefined): FieldAccess | undefined => {
  const problem = pathProblem(node.name);
  if (problem) throw new EqlError(`${problem.message}.`, "Name a shorter path.", offsetOf(node));
  if (mapping === undefined) return undefined;
  if (mapping.type === "text" || mapping.type === "match_only_text")
    throw errorAt(
      node,
      (field) => `The field ${field} is full text, of which EQL cannot compare the values.`,
      "Name a field of the type keyword.",
    );
  return { mapping, field: fieldAt(node.name, mapping), read: readerOf(mapping) };
};
