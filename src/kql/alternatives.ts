import { manyGlobs } from "../glob-list.ts";
import { isStar, type KqlNode, literalText } from "./node.ts";

/** Some alternatives of a query. */
export interface Alternatives {
  readonly nodes: readonly KqlNode[];
  /** If all of them compare one field with a pattern: its name, and the texts between the stars of each pattern. */
  readonly field: string;
  readonly several?: readonly (readonly string[])[];
}

/** The alternatives, where many patterns for one field are together. */
export const alternatives = (nodes: readonly KqlNode[]): readonly Alternatives[] => {
  if (nodes.length < manyGlobs) return [{ nodes, field: "" }];
  const byField = Map.groupBy(nodes, (node) => patternOf(node)?.field);
  return [...byField].map(([field = "", some]) => {
    const several = some.map((node) => patternOf(node)?.parts ?? []);
    return field === "" || several.length < manyGlobs ? { nodes: some, field } : { nodes: some, field, several };
  });
};

const patternOf = (node: KqlNode) => {
  if (node.type !== "is" || node.value.type !== "wildcard" || isStar(node.value)) return undefined;
  const field = node.field.type === "wildcard" ? undefined : literalText(node.field);
  return field === undefined ? undefined : { field, parts: node.value.parts };
};
