import { networkOf } from "../fields/ip.ts";
import { didYouMean } from "../problem.ts";
import type { EqlError } from "./error.ts";
import { type AccessOf, errorAt } from "./fields.ts";
import { type EqlExpression, fieldsIn } from "./node.ts";
import {
  type EqlType,
  functionNamed,
  functionNames,
  type Parameter,
  type Signature,
  signatures,
} from "./signatures.ts";

type Call = Extract<EqlExpression, { readonly type: "call" }>;

/** A type as a person says it. */
const words: Readonly<Record<EqlType | Parameter["type"], string>> = {
  string: "a text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  ip: "an IP address",
  network: "a network such as 10.0.0.0/8",
  null: "null",
  any: "a value",
};

/** The type of an expression. Throws an `EqlError` if a part of it has a type that does not fit. */
export const typeOf = (node: EqlExpression, access: AccessOf): EqlType => {
  switch (node.type) {
    case "null":
    case "boolean":
    case "number":
    case "string":
      return node.type;
    case "field":
      return typeOfField(access(node)?.mapping.type);
    case "and":
    case "or":
      for (const child of node.nodes) checkCondition(child, access);
      return "boolean";
    case "not":
      checkCondition(node.node, access);
      return "boolean";
    case "negative":
      checkNumber(node.node, access);
      return "number";
    case "arithmetic":
      checkNumber(node.left, access);
      checkNumber(node.right, access);
      return "number";
    case "comparison":
      return checkComparison(node, access);
    case "in":
      return checkIn(node, access);
    case "match":
      return checkMatch(node, access);
    case "call":
      return checkCall(node, access);
  }
};

const typeOfField = (type: string | undefined): EqlType => {
  if (type === undefined || type === "by_value") return "any";
  if (type === "ip" || type === "boolean") return type;
  if (texts.has(type)) return "string";
  return numbers.has(type) ? "number" : "any";
};

const texts: ReadonlySet<string> = new Set(["keyword", "constant_keyword", "wildcard"]);
const numbers: ReadonlySet<string> = new Set(
  "long unsigned_long integer short byte double float half_float scaled_float".split(" "),
);

/** Throws an `EqlError` if an expression is not a condition. */
export const checkCondition = (node: EqlExpression, access: AccessOf): void => {
  const type = typeOf(node, access);
  if (type === "boolean" || type === "any" || type === "null") return;
  throw errorAt(
    node,
    (text) => `${text} is ${words[type]}, not a condition.`,
    node.type === "field"
      ? `Compare it: ${node.name} == …, or ${node.name} != null.`
      : 'Compare it, for example with "==".',
  );
};

const checkNumber = (node: EqlExpression, access: AccessOf): void => {
  const type = typeOf(node, access);
  if (type === "number" || type === "any" || type === "null") return;
  throw errorAt(
    node,
    (text) => `${text} is ${words[type]}, with which EQL cannot calculate.`,
    "Write number(…) around it.",
  );
};

const checkComparison = (node: Extract<EqlExpression, { readonly type: "comparison" }>, access: AccessOf): EqlType => {
  const { left, right } = node;
  const [one, other] = [typeOf(left, access), typeOf(right, access)];
  const areFields = fieldsIn(left).length > 0 && fieldsIn(right).length > 0;
  if (areFields && !(isOptional(left) && isOptional(right)))
    throw errorAt(
      node,
      (text) => `${text} compares fields with each other, which EQL cannot do.`,
      "Compare each with a value.",
    );
  if (left.type !== "field" && right.type !== "field" && one !== other && isKnown(one) && isKnown(other))
    throw errorAt(
      node,
      (text) => `${text} compares ${words[one]} with ${words[other]}.`,
      "Compare values of one type.",
    );
  return "boolean";
};

const isOptional = (node: EqlExpression) => node.type === "field" && node.optional;

const isKnown = (type: EqlType) => type !== "any" && type !== "null";

const checkIn = (node: Extract<EqlExpression, { readonly type: "in" }>, access: AccessOf): EqlType => {
  typeOf(node.node, access);
  let wanted: EqlType = "null";
  for (const value of node.values) {
    const type = typeOf(value, access);
    if (wanted === "null") wanted = type;
    if (type !== wanted && type !== "null")
      throw errorAt(
        value,
        (text) => `${text} is ${words[type]}, and other values of the list are not.`,
        "Write values of one type.",
      );
    if (fieldsIn(value).length > 0)
      throw errorAt(
        value,
        (text) => `${text} is not a fixed value.`,
        'A list after "in" takes texts and numbers, and no fields.',
      );
  }
  return "boolean";
};

const checkMatch = (node: Extract<EqlExpression, { readonly type: "match" }>, access: AccessOf): EqlType => {
  const type = typeOf(node.node, access);
  if (type === "number" || type === "boolean")
    throw errorAt(
      node.node,
      (text) => `"${node.operator}" compares texts, and ${text} is ${words[type]}.`,
      'Compare with "==", or write string(…) around it.',
    );
  return "boolean";
};

const checkCall = (node: Call, access: AccessOf): EqlType => {
  const name = functionNamed(node.name);
  if (name === undefined) throw unknownFunction(node);
  const signature: Signature = signatures[name];
  if (node.insensitive && signature.insensitive !== true)
    throw errorAt(
      node,
      () => `"${name}" has no form without regard to letter case.`,
      `Write ${name}(…) without the "~".`,
    );
  checkCount(node, name, signature);
  for (const [index, input] of node.inputs.entries())
    checkInput(input, signature.parameters[index] ?? signature.parameters.at(-1)!, name, access);
  return signature.result;
};

const checkCount = (node: Call, name: string, { parameters, optional = 0, repeated }: Signature): void => {
  const found = node.inputs.length;
  const least = parameters.length - optional;
  if (found >= least && (repeated || found <= parameters.length)) return;
  const wanted = repeated ? `at least ${least}` : optional === 0 ? String(least) : `${least} to ${parameters.length}`;
  throw errorAt(
    node,
    () => `"${name}" takes ${wanted} values, and ${found} are given.`,
    "Give it as many values as it takes.",
  );
};

/** What a parameter accepts besides its own type: every field may be missing, and numbers are written as texts. */
const checkInput = (node: EqlExpression, parameter: Parameter, name: string, access: AccessOf): void => {
  const type = typeOf(node, access);
  const wrong = (what: (text: string) => string) => errorAt(node, what, waysOut[parameter.type]);
  if (parameter.constant && fieldsIn(node).length > 0)
    throw wrong(
      (text) =>
        `"${name}" takes ${words[parameter.type]} that is the same for every event here, and ${text} has fields.`,
    );
  if (!fits(type, parameter.type, node))
    throw wrong((text) => `"${name}" takes ${words[parameter.type]} here, and ${text} is ${words[type]}.`);
};

const waysOut: Readonly<Record<Parameter["type"], string>> = {
  string: "Write a text in double quotes, or string(…) around it.",
  number: "Write a number, or number(…) around it.",
  integer: "Write a number without a fraction.",
  boolean: "Write true or false.",
  ip: "Name a field of IP addresses.",
  network: 'Write a network such as "10.0.0.0/8" or "fd00::/8", or one address.',
  any: "Write a value.",
};

const fits = (type: EqlType, wanted: Parameter["type"], node: EqlExpression): boolean => {
  if (wanted === "any" || type === "any" || type === "null" || type === wanted) return true;
  if (wanted === "ip") return type === "string";
  if (wanted === "network") return node.type === "string" && networkOf(node.value) !== undefined;
  return wanted === "integer" && type === "number" && !(node.type === "number" && typeof node.value === "number");
};

const replaced: Readonly<Record<string, string>> = {
  wildcard: 'Write field like "pattern", or field : "pattern" without regard to letter case.',
  match: 'Write field regex "pattern", or regex~ without regard to letter case.',
  matchlite: 'Write field regex "pattern".',
  arraycontains: 'Write field == "value": it is true if one of the field\'s values is equal.',
  arraysearch: "A condition is true if one of the field's values fits.",
  arraycount: "EQL does not count the values of a field.",
};

const unknownFunction = (node: Call): EqlError => {
  const lower = node.name.toLowerCase();
  const hint = Object.hasOwn(replaced, lower)
    ? replaced[lower]!
    : (didYouMean(node.name, functionNames) ?? `Functions: ${functionNames.join(", ")}.`);
  return errorAt(node, () => `There is no function "${node.name}".`, hint);
};
