import type { EqlExpression, EqlField, EqlFilter, EqlItem, EqlPipe, EqlQuery, EqlSequence } from "./node.ts";
import { writeString } from "./string-literal.ts";
import { isPlainName, keywords } from "./words.ts";

/** Writes a query so that parsing it gives the same tree. */
export const formatEql = (query: EqlQuery): string => {
  switch (query.type) {
    case "event":
      return filterText(query.filter) + pipesText(query.pipes);
    case "sequence":
      return sequenceText(query);
    case "sample":
      return [`sample${byText(query.by)}`, ...query.items.map(itemText)].join("\n  ");
  }
};

const sequenceText = ({ by, maxspan, items, until, pipes }: EqlSequence): string => {
  const head = `sequence${byText(by)}${maxspan === undefined ? "" : ` with maxspan=${spanText(maxspan)}`}`;
  const lines = items.map((item) => {
    const runs = item.runs === 1 ? "" : ` with runs=${item.runs}`;
    return `${item.missing ? "!" : ""}${itemText(item)}${runs}`;
  });
  return [head, ...lines].join("\n  ") + (until ? `\nuntil ${itemText(until)}` : "") + pipesText(pipes);
};

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

const spanText = (milliseconds: number): string => {
  for (const [unit, length] of units) if (milliseconds % length === 0) return `${milliseconds / length}${unit}`;
  return `${milliseconds}ms`;
};

/** An event of a sequence or a sample, as a query has it. */
export const itemText = ({ filter, by }: EqlItem): string => `[${filterText(filter)}]${byText(by)}`;

const filterText = ({ category, condition }: EqlFilter): string => {
  const name = category === undefined ? "any" : isPlainName(category) ? category : writeString(category);
  return `${name} where ${formatExpression(condition)}`;
};

const byText = (fields: readonly EqlField[]): string =>
  fields.length === 0 ? "" : ` by ${fields.map(fieldText).join(", ")}`;

const pipesText = (pipes: readonly EqlPipe[]): string =>
  pipes.map(({ name, count }) => `\n| ${name} ${count}`).join("");

/** How tightly each kind of expression holds together. */
const levels = { or: 0, and: 1, not: 2, comparison: 3, sum: 4, product: 5, sign: 6, test: 7, value: 8 } as const;

const levelOf = (node: EqlExpression): number => {
  switch (node.type) {
    case "or":
    case "and":
    case "not":
    case "comparison":
      return levels[node.type];
    case "arithmetic":
      return node.operator === "+" || node.operator === "-" ? levels.sum : levels.product;
    case "negative":
      return levels.sign;
    case "in":
    case "match":
      return levels.test;
    case "number":
      // A number below zero is written with a sign.
      return node.value < 0 || Object.is(node.value, -0) ? levels.sign : levels.value;
    default:
      return levels.value;
  }
};

/** Writes an expression, in parentheses if it holds less tightly than `level`. */
const within = (node: EqlExpression, level: number): string => {
  const text = formatExpression(node);
  return levelOf(node) < level ? `(${text})` : text;
};

/** Writes a condition or a value so that parsing it gives the same one. */
export const formatExpression = (node: EqlExpression): string => {
  switch (node.type) {
    case "null":
      return "null";
    case "boolean":
      return String(node.value);
    case "number":
      return numberText(node.value);
    case "string":
      return writeString(node.value);
    case "field":
      return fieldText(node);
    case "call":
      return `${node.name}${node.insensitive ? "~" : ""}(${node.inputs.map(formatExpression).join(", ")})`;
    case "or":
    case "and":
      return node.nodes.map((child) => within(child, levels[node.type] + 1)).join(` ${node.type} `);
    case "not":
      return `not ${within(node.node, levels.not)}`;
    case "comparison":
      return `${within(node.left, levels.sum)} ${node.operator} ${within(node.right, levels.sum)}`;
    case "in": {
      const operator = `${node.negated ? "not " : ""}in${node.insensitive ? "~" : ""}`;
      return `${testedText(node.node)} ${operator} (${node.values.map(formatExpression).join(", ")})`;
    }
    case "match": {
      const [first, ...others] = node.patterns.map(writeString);
      return `${testedText(node.node)} ${node.operator} ${others.length === 0 ? first : `(${[first, ...others].join(", ")})`}`;
    }
    case "arithmetic": {
      const level = levelOf(node);
      return `${within(node.left, level)} ${node.operator} ${within(node.right, level + 1)}`;
    }
    case "negative":
      return negativeText(within(node.node, levels.sign));
  }
};

/** A sign right before digits would be read as part of the number. */
const negativeText = (text: string): string => (/^[\d.]/.test(text) ? `-(${text})` : `-${text}`);

/** What a test is applied to: a value, or a number with its sign. */
const testedText = (node: EqlExpression): string =>
  node.type === "number" ? formatExpression(node) : within(node, levels.value);

const numberText = (value: bigint | number): string => {
  if (typeof value === "bigint") return String(value);
  const text = Object.is(value, -0) ? "-0" : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
};

const fieldText = ({ name, optional }: EqlField): string => {
  const [first, ...others] = name.split(".");
  const isPlain = isPlainName(first!) && others.every((part) => keywords.has(part) || isPlainName(part));
  return `${optional ? "?" : ""}${isPlain ? name : `\`${name.replaceAll("`", "``")}\``}`;
};
