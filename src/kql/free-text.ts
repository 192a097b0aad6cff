import { isStar, type KqlNode, literalText } from "./node.ts";

/** The first text of a query that names no field, and could be searched in default fields; `undefined` if there is none. */
export const freeTextIn = (node: KqlNode): string | undefined => {
  if ("nodes" in node) return node.nodes.map(freeTextIn).find((text) => text !== undefined);
  if (node.type === "not") return freeTextIn(node.node);
  // In nested objects there are no default fields.
  if (node.type !== "is" || node.field.type !== "null" || node.value.type === "null" || isStar(node.value))
    return undefined;
  return literalText(node.value);
};
