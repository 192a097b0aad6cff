import { tests } from "@bufbuild/cel-spec/testdata/conformance.js";
import { evaluate } from "@marcbachmann/cel-js";
import { CelError } from "../../src/cel/index.ts";
import { jsonOf } from "../../src/cel/json-of.ts";

/** A value as the conformance data writes it: under the name of its type, in the JSON of protobuf. */
type Written = Readonly<Record<string, unknown>>;

/** One test of the conformance data. */
export interface ConformanceTest {
  /** Its file, its section and its own name: `string/size/empty`. */
  readonly name: string;
  readonly expression: string;
  /** The values of its variables, by name. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The value that it has, as JSON; undefined if it must have none. */
  readonly wanted: unknown;
  /** The value has a type that this program does not have; or the test is only about the types of an expression. */
  readonly isOutside: boolean;
}

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: Readonly<Record<string, unknown>> }[];
}

class Outside extends Error {}

/** All tests, in their order. */
export const conformanceTests = (): readonly ConformanceTest[] => testsOf(tests as unknown as Suite, []);

const testsOf = (
  { suites = [], tests: own = [], name }: Suite,
  above: readonly string[],
): readonly ConformanceTest[] => {
  const names = [...above, name];
  return [
    ...own.map(({ original }) => testOf(original, names.slice(1).join("/"))),
    ...suites.flatMap((suite) => testsOf(suite, names)),
  ];
};

const testOf = (original: Readonly<Record<string, unknown>>, section: string): ConformanceTest => {
  const {
    name,
    expr,
    bindings = {},
    value,
    evalError,
    checkOnly,
    typedResult,
  } = original as {
    readonly name: string;
    readonly expr: string;
    readonly bindings?: Readonly<Record<string, { readonly value: Written }>>;
    readonly value?: Written;
    readonly evalError?: unknown;
    readonly checkOnly?: boolean;
    readonly typedResult?: { readonly result?: Written };
  };
  const base = { name: `${section}/${name}`, expression: expr };
  try {
    const wanted = evalError ? undefined : (value ?? typedResult?.result ?? { boolValue: true });
    return {
      ...base,
      variables: Object.fromEntries(Object.entries(bindings).map(([key, bound]) => [key, readValue(bound.value)])),
      wanted: wanted && jsonOf(readValue(wanted)),
      isOutside: checkOnly === true,
    };
  } catch (error) {
    if (!(error instanceof Outside) && !(error instanceof CelError)) throw error;
    return { ...base, variables: {}, wanted: undefined, isOutside: true };
  }
};

const readValue = (written: Written): unknown => {
  const [[kind, value] = ["", undefined]] = Object.entries(written);
  switch (kind) {
    case "nullValue":
      return null;
    case "boolValue":
    case "stringValue":
      return value;
    case "doubleValue":
      return Number(value === "Infinity" ? Infinity : value === "-Infinity" ? -Infinity : value);
    case "int64Value":
      return BigInt(value as string);
    case "uint64Value":
      return evaluate(`${value}u`);
    case "bytesValue":
      return Uint8Array.from(Buffer.from(value as string, "base64"));
    case "listValue":
      return ((value as { values?: readonly Written[] }).values ?? []).map(readValue);
    case "mapValue":
      return mapOf((value as { entries?: readonly { key: Written; value: Written }[] }).entries ?? []);
    case "objectValue":
      return messageOf(value as { readonly "@type": string; readonly value: unknown });
    default:
      throw new Outside(kind);
  }
};

/** Maps with texts as keys are objects, as in an event. */
const mapOf = (entries: readonly { readonly key: Written; readonly value: Written }[]): unknown => {
  const pairs = entries.map((entry) => [readValue(entry.key), readValue(entry.value)] as const);
  return pairs.every(([key]) => typeof key === "string")
    ? Object.fromEntries(pairs as [string, unknown][])
    : new Map(pairs);
};

/** Of messages there are only times and durations. */
const messageOf = ({ "@type": type, value }: { readonly "@type": string; readonly value: unknown }): unknown => {
  if (type.endsWith("google.protobuf.Timestamp")) return new Date(value as string);
  if (type.endsWith("google.protobuf.Duration")) return evaluate(`duration("${value}")`);
  throw new Outside(type);
};
