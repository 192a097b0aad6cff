/** What a value of a query is, as far as it is known before an event is seen. */
export type EqlType = "string" | "number" | "boolean" | "ip" | "null" | "any";

/** What a parameter takes. A `constant` is a value that no field is part of. */
export interface Parameter {
  readonly type: "string" | "number" | "integer" | "boolean" | "ip" | "network" | "any";
  readonly constant?: boolean;
}

/** How a function is called. */
export interface Signature {
  readonly parameters: readonly Parameter[];
  /** How many of the parameters may be left out, from the last. */
  readonly optional?: number;
  /** The last parameter may be repeated. */
  readonly repeated?: boolean;
  readonly result: EqlType;
  /** Whether it can be called with `~`. */
  readonly insensitive?: boolean;
}

const any: Parameter = { type: "any" };
const text: Parameter = { type: "string" };
const number: Parameter = { type: "number" };
const integer: Parameter = { type: "integer" };

const arithmetic: Signature = { parameters: [number, number], result: "number" };
const textTest: Signature = { parameters: [text, text], result: "boolean", insensitive: true };

/** The functions of Elasticsearch's EQL. */
export const signatures = {
  add: arithmetic,
  between: {
    parameters: [text, text, text, { type: "boolean", constant: true }],
    optional: 1,
    result: "string",
    insensitive: true,
  },
  cidrMatch: {
    parameters: [{ type: "ip" }, { type: "network", constant: true }],
    repeated: true,
    result: "boolean",
  },
  concat: { parameters: [any], repeated: true, result: "string" },
  divide: arithmetic,
  endsWith: textTest,
  indexOf: { parameters: [text, text, integer], optional: 1, result: "number", insensitive: true },
  length: { parameters: [text], result: "number" },
  modulo: arithmetic,
  multiply: arithmetic,
  number: { parameters: [text, { type: "integer", constant: true }], optional: 1, result: "number" },
  startsWith: textTest,
  string: { parameters: [any], result: "string" },
  stringContains: textTest,
  substring: { parameters: [text, integer, integer], optional: 1, result: "string" },
  subtract: arithmetic,
} as const satisfies Readonly<Record<string, Signature>>;

export type FunctionName = keyof typeof signatures;

const names = Object.keys(signatures) as readonly FunctionName[];
const byLowerCase: ReadonlyMap<string, FunctionName> = new Map(names.map((name) => [name.toLowerCase(), name]));

/** The function of a name, in any letter case: Elasticsearch knows `startswith`, too. */
export const functionNamed = (name: string): FunctionName | undefined => byLowerCase.get(name.toLowerCase());

export const functionNames: readonly string[] = names;
