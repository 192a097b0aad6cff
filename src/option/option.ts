import { pathProblem } from "../fields/path-limits.ts";
import type { Json } from "../json.ts";
import { compiling, DecodeError, type OptionDecoder, summaryOf } from "./decoder.ts";
import { decodeKql } from "./kql.ts";
import { bytesOf, durationOf, durationPattern, sizePattern, windowPattern } from "./quantity.ts";

/** The JSON Schema of an option, with keywords of weir's own. */
export type Schema = Readonly<Record<string, unknown>>;

/** Keywords that are not JSON Schema: validation ignores them, and generated schemas leave them out. */
export const ownKeywords = ["kind", "decode", "optional", "needs", "excludes", "holds"] as const;

/**
 * A configuration option: JSON Schema for editors, validation and the reference pages; for TypeScript the type of the
 * value *after* decoding (a `duration` is written `"5m"` and read as 300000). The description is required.
 */
export type Option<T = unknown> = Schema & {
  /** Only a type: no schema has this property. */
  readonly decoded: T;
};
export type Options = Readonly<Record<string, Option>>;

type Decoded<O extends Option> = O["decoded"];
type OptionalKeys<O extends Options> = { [K in keyof O]: undefined extends Decoded<O[K]> ? K : never }[keyof O];
/** What a plugin gets: every option decoded, with its default when the pipeline does not set it. */
export type Config<O extends Options> = { readonly [K in Exclude<keyof O, OptionalKeys<O>>]: Decoded<O[K]> } & {
  readonly [K in OptionalKeys<O>]?: Exclude<Decoded<O[K]>, undefined>;
};

/** Exactly one of the options is there. */
export type OneOption<C extends Options> = { readonly [K in keyof C]?: Decoded<C[K]> };

/** What an option may have beside its description, as written in a pipeline. */
export interface Extras<Written> {
  readonly default?: Written;
  readonly examples?: readonly Written[];
}

/** Names of optional options in the same map. */
interface Beside {
  /** The option works only together with all of these. */
  readonly needs?: readonly string[];
  /** The option contradicts each of these. */
  readonly excludes?: readonly string[];
}

/** A JSON Schema as an option; `T` is the type that its decoder makes of a value. */
export const schemaFor = <T>(schema: Schema): Option<T> => schema as Option<T>;

/** What is particular about a kind of option. */
interface KindSchema extends Schema {
  /** What a value must be, in words, for messages and the reference pages. */
  readonly title: string;
  readonly type: string;
  /** Turns the text into the value; without it, the text is the value. */
  readonly decode?: OptionDecoder;
}

/** A kind of option. Code that treats some values differently, such as secrets, looks at `name`. */
export const kind =
  <T, Written = T>(name: string, schema: KindSchema) =>
  (description: string, extras: Extras<Written> = {}): Option<T> =>
    schemaFor<T>({ ...schema, kind: name, description, ...extras });

/** `error`: the duration is too long. */
const decodeDuration = compiling(
  durationOf,
  "config/compiled",
  ({ message }) => `This duration is too long: ${message}.`,
);

const decodeField: OptionDecoder = (path) => {
  const problem = pathProblem(path);
  if (problem) throw new DecodeError("config/compiled", `${problem.message}.`, problem);
  return path;
};

export const option = {
  text: kind<string>("text", { title: "text", type: "string" }),
  integer: (
    description: string,
    extras: Extras<number> & { readonly minimum?: number; readonly maximum?: number } = {},
  ) => kind<number>("integer", { title: "a whole number", type: "integer" })(description, extras),
  number: kind<number>("number", { title: "a number", type: "number" }),
  boolean: kind<boolean>("boolean", { title: "true or false", type: "boolean" }),
  path: kind<string>("path", { title: "a file path", type: "string", minLength: 1 }),
  /** The path of a file that the component reads when it starts, such as a certificate: a reload notices when it changed. */
  file: kind<string>("file", { title: "a file path", type: "string", minLength: 1 }),
  /** Written `500ms`, `30s`, `5m`, `1h` or `7d`; decoded to milliseconds. */
  duration: kind<number, string>("duration", {
    title: "a duration such as 500ms, 30s, 5m, 1h or 7d",
    type: "string",
    pattern: durationPattern,
    decode: decodeDuration,
  }),
  /** A duration of at least a millisecond. */
  window: kind<number, string>("duration", {
    title: "a duration above zero such as 30s, 5m, 1h or 7d",
    type: "string",
    pattern: windowPattern,
    decode: decodeDuration,
  }),
  /** Written `512`, `64KiB`, `16MiB`, `1GiB` (or KB, MB, GB); decoded to bytes. */
  bytes: kind<number, string>("bytes", {
    title: "a size above zero such as 64KiB, 16MiB or 1GiB",
    type: "string",
    pattern: sizePattern,
    decode: bytesOf,
  }),
  /**
   * Decoded to the text itself; it is checked when the pipeline is loaded, with the component's `queryOptions`
   * (of "weir/transform"), if it has these.
   */
  kql: kind<string>("kql", {
    title: "a KQL query",
    type: "string",
    decode: decodeKql,
  }),
  /**
   * Text that `compile` turns into the value when the pipeline is loaded. An error that it throws becomes a problem of
   * the pipeline: its message, its `hint` if it has one, and a caret at its `offset` in the text if it has one. `title`
   * says what the text must be, such as `a regular expression`.
   */
  compiled: <T>(title: string, compile: (text: string) => T) =>
    kind<T, string>("compiled", {
      title,
      type: "string",
      decode: compiling(
        compile,
        "config/compiled",
        (error) => `This is not ${title}: ${summaryOf(error).replace(/\.$/, "")}.`,
      ),
    }),
  /** Never printed. */
  secret: kind<string>("secret", { title: "text", type: "string", minLength: 1 }),
  /** A dotted field path. */
  field: kind<string>("field", {
    title: "a field such as user.name",
    type: "string",
    minLength: 1,
    decode: decodeField,
  }),
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
  /** Names that the user chooses, each with a value of one kind; `names` is what they must match. */
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
  /** Options under one key; the key is optional if all of them are. */
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
  /** Any value that JSON has. */
  json: (description: string, extras: Extras<unknown> = {}): Option<Json> =>
    schemaFor<Json>({ title: "a value", kind: "json", description, ...extras }),
  /** A map with one of `choices`, which says what the map is about, and with others beside it. */
  oneOption:
    <const C extends Options, const B extends Options>(choices: C, beside: B) =>
    (description: string): Option<OneOption<C> & Config<B>> => {
      const names = Object.keys(choices);
      const free = names.map((name) => {
        const { default: _, ...schema } = choices[name]!;
        return [name, { ...schema, optional: true }];
      });
      return schemaFor({
        ...schemaOf({ ...(Object.fromEntries(free) as Options), ...beside }),
        oneOf: names.map((name) => ({ required: [name] })),
        title: `a map with one of ${names.join(", ")}`,
        kind: "group",
        description,
      });
    },
  /** One of some words, or a list. */
  wordOrList:
    <const Words extends readonly string[], T>(words: Words, item: (description: string) => Option<T>) =>
    (description: string, extras: Extras<Words[number]> = {}): Option<Words[number] | readonly T[]> => {
      const { title, ...items } = item(description);
      return schemaFor({
        title: `one of ${words.join(", ")}, or a list`,
        type: ["string", "array"],
        pattern: `^(?:${words.join("|")})$`,
        items: { title, ...items },
        minItems: 1,
        description,
        ...extras,
      });
    },
  /** An option that may be left out; `beside` says which other options it needs, and which it excludes. */
  optional: <T>(inner: Option<T>, beside: Beside = {}): Option<T | undefined> =>
    ({ ...inner, optional: true, ...beside }) as unknown as Option<T | undefined>,
} as const;

/** The JSON Schema of a set of options: unknown keys are errors; an option is required unless it has a default or is optional. */
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
