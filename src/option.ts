import type { Static, TSchema } from "@sinclair/typebox";
import { durationPattern, sizePattern } from "./config/quantity.ts";
import type { Rule } from "./rules/rule.ts";

/**
 * A configuration option: JSON Schema for editors, validation and the reference pages; for TypeScript the type of the
 * value *after* decoding (a `duration` is written `"5m"` and read as 300000). The description is not optional.
 */
export type Option<T = unknown> = TSchema & { readonly static: T };
export type Options = Readonly<Record<string, Option>>;

type Decoded<O extends Option> = Static<O>;
type OptionalKeys<O extends Options> = { [K in keyof O]: undefined extends Decoded<O[K]> ? K : never }[keyof O];
/** What a plugin gets: every option decoded, with its default when it was not written. */
export type Config<O extends Options> = { readonly [K in Exclude<keyof O, OptionalKeys<O>>]: Decoded<O[K]> } & {
  readonly [K in OptionalKeys<O>]?: Exclude<Decoded<O[K]>, undefined>;
};

/** Which decoder turns the written value into the one that the plugin gets; the loader holds them. */
export type Kind =
  | "text"
  | "integer"
  | "boolean"
  | "path"
  | "duration"
  | "bytes"
  | "kql"
  | "rule"
  | "secret"
  | "field"
  | "group"
  | "map";

interface Extras<Written> {
  readonly default?: Written;
  readonly examples?: readonly Written[];
}

/** Names of options of the same map, that may be left out as well. */
interface Beside {
  /** Without all of these the option means nothing. */
  readonly needs?: readonly string[];
  /** With any of these it says two things at once. */
  readonly excludes?: readonly string[];
}

/**
 * A JSON Schema as the option of a type that the loader will make of its values. TypeBox brings the types only: to load
 * its code would make every command a tenth of a second slower.
 */
export const schemaFor = <T>(schema: Readonly<Record<string, unknown>>): Option<T> => schema as unknown as Option<T>;

/** `title` says in words what a value has to be; messages and reference pages both use it. */
const kind =
  <T, Written = T>(kind: Kind, schema: { readonly title: string; readonly type: string } & Record<string, unknown>) =>
  (description: string, extras: Extras<Written> = {}): Option<T> =>
    schemaFor<T>({ ...schema, kind, description, ...extras });

export const option = {
  text: kind<string>("text", { title: "text", type: "string" }),
  integer: (
    description: string,
    extras: Extras<number> & { readonly minimum?: number; readonly maximum?: number } = {},
  ) => kind<number>("integer", { title: "a whole number", type: "integer" })(description, extras),
  boolean: kind<boolean>("boolean", { title: "true or false", type: "boolean" }),
  path: kind<string>("path", { title: "a file path", type: "string", minLength: 1 }),
  /** Written `500ms`, `30s`, `5m`, `1h` or `7d`; decoded to milliseconds. */
  duration: kind<number, string>("duration", {
    title: "a duration such as 500ms, 30s, 5m, 1h or 7d",
    type: "string",
    pattern: durationPattern,
  }),
  /** A duration of at least a millisecond. */
  window: kind<number, string>("duration", {
    title: "a duration above zero such as 30s, 5m, 1h or 7d",
    type: "string",
    pattern: "^0*[1-9][0-9]*(ms|s|m|h|d)$",
  }),
  /** Written `512`, `64KiB`, `16MiB`, `1GiB` (or KB, MB, GB); decoded to bytes. */
  bytes: kind<number, string>("bytes", {
    title: "a size above zero such as 64KiB, 16MiB or 1GiB",
    type: "string",
    pattern: sizePattern,
  }),
  /** Decoded to the text itself; its syntax is checked when the pipeline is loaded. */
  kql: kind<string>("kql", { title: "a KQL query", type: "string" }),
  /** Written as a rule's name or the path of its file; decoded to the rule. */
  rule: kind<Rule, string>("rule", {
    title: "the name of a rule, or the path of its file",
    type: "string",
    minLength: 1,
  }),
  /** Never printed. */
  secret: kind<string>("secret", { title: "text", type: "string", minLength: 1 }),
  /** A dotted field path. */
  field: kind<string>("field", { title: "a field such as user.name", type: "string", minLength: 1 }),
  oneOf:
    <const Values extends readonly string[]>(...values: Values) =>
    (description: string, extras: Extras<Values[number]> = {}): Option<Values[number]> =>
      schemaFor<Values[number]>({
        title: `one of ${values.join(", ")}`,
        type: "string",
        enum: values,
        description,
        ...extras,
      }),
  list:
    <T>(
      item: (description: string) => Option<T>,
      limits: { readonly minItems?: number; readonly maxItems?: number } = {},
    ) =>
    (description: string, extras: Extras<readonly unknown[]> = {}): Option<readonly T[]> =>
      schemaFor<readonly T[]>({
        title: "a list",
        type: "array",
        items: item(description),
        ...limits,
        description,
        ...extras,
      }),
  /** Names of the user's choice, each with a value of one kind; `names` is what they have to match. */
  map:
    <T>(item: (description: string) => Option<T>, names: { readonly title: string; readonly pattern: string }) =>
    (description: string, extras: Extras<Readonly<Record<string, string>>> = {}): Option<Readonly<Record<string, T>>> =>
      schemaFor<Readonly<Record<string, T>>>({
        title: "a map",
        type: "object",
        kind: "map",
        propertyNames: { type: "string", ...names },
        additionalProperties: item(description),
        description,
        ...extras,
      }),
  /** Options under one key; the key may be left out when all of them may. */
  group:
    <const O extends Options>(options: O) =>
    (description: string): Option<Config<O>> => {
      const schema = schemaOf(options);
      const needed = (schema["required"] as readonly string[]).length > 0;
      return schemaFor<Config<O>>({
        ...schema,
        title: `a map with ${Object.keys(options).join(", ")}`,
        kind: "group",
        description,
        ...(!needed && { default: {} }),
      });
    },
  /** May be left out; `beside` says which other options have to be there with it, or must not be. */
  optional: <T>(inner: Option<T>, beside: Beside = {}): Option<T | undefined> =>
    ({ ...inner, optional: true, ...beside }) as unknown as Option<T | undefined>,
} as const;

/** The JSON Schema of a set of options: unknown keys are errors; what has no default and is not optional is required. */
export const schemaOf = (options: Options): Record<string, unknown> => {
  const all = Object.entries(options);
  const beside = (key: keyof Beside) =>
    all.flatMap(([name, schema]) => (schema[key] ? [[name, schema[key] as readonly string[]] as const] : []));
  const needs = beside("needs");
  const pairs = beside("excludes").flatMap(([name, others]) => others.map((other) => [name, other]));
  return {
    type: "object",
    additionalProperties: false,
    required: all
      .filter(([, schema]) => schema["default"] === undefined && schema["optional"] !== true)
      .map(([name]) => name),
    ...(needs.length > 0 && { dependencies: Object.fromEntries(needs) }),
    ...(pairs.length > 0 && { allOf: pairs.map((required) => ({ not: { type: "object", required } })) }),
    properties: { ...options },
  };
};
