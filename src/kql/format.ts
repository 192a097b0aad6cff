import type { KqlLiteral, KqlNode } from "./node.ts";

/**
 * Writes a query so that parsing it gives the same tree. (A tree that no parser made may hold an unquoted text that
 * cannot be written without quotes, such as `" "` or `"null"`: that one is quoted.)
 */
export const formatKql = (node: KqlNode): string => {
  switch (node.type) {
    case "or":
      return node.nodes.map((child) => enclose(child, "or")).join(" or ");
    case "and":
      return node.nodes.map((child) => enclose(child, "or", "and")).join(" and ");
    case "not":
      return `not ${enclose(node.node, "or", "and", "not")}`;
    case "nested":
      return `${formatLiteral(node.path)}:{${formatKql(node.node)}}`;
    case "range":
      return `${formatLiteral(node.field)} ${node.operator} ${formatLiteral(node.value)}`;
    case "is":
      return `${node.field.type === "null" ? "" : `${formatLiteral(node.field)}:`}${formatLiteral(node.value)}`;
  }
};

const enclose = (node: KqlNode, ...types: readonly KqlNode["type"][]): string =>
  types.includes(node.type) ? `(${formatKql(node)})` : formatKql(node);

/** Writes a literal so that parsing it gives the same one. */
export const formatLiteral = (literal: KqlLiteral): string => {
  if (literal.type === "null") return "null";
  if (literal.type === "boolean") return String(literal.value);
  if (literal.type === "wildcard") return literal.parts.map(written).join("*");
  if (literal.value === "" && literal.type === "unquoted") return "\\u0020";
  return literal.type === "quoted" || !canBeUnquoted(literal.value) ? quote(literal.value) : written(literal.value);
};

const canBeUnquoted = (text: string) => text.trim() === text && !["null", "true", "false"].includes(text);

const quote = (text: string) => `"${text.replace(/[\\"]/g, "\\$&")}"`;

/** Special characters get a backslash; a word that would be read as a keyword gets its last letter as a code unit. */
const written = (text: string) =>
  text
    .replace(/[\\():<>"*{}]/g, "\\$&")
    // "and" and "or" are keywords only after a space, "not" also at the end of a word.
    .replace(
      /(?:(?<=[ \t\r\n\u00a0])(?:or|and)|not)(?=[ \t\r\n\u00a0]|$)/gi,
      (word) => word.slice(0, -1) + unit(word.at(-1)!),
    );

const unit = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
