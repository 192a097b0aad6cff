import { Environment } from "@marcbachmann/cel-js/evaluator";
import { conversions } from "./functions/conversions.ts";
import type { Signatures } from "./functions/signatures.ts";
import { textFunctions } from "./functions/texts.ts";
import { timeFunctions } from "./functions/times.ts";

/**
 * Functions of CEL that weir has itself, because those of the library take more than linear time, depend on the time zone
 * of the machine, or differ from the specification.
 */
const own: Signatures = { ...textFunctions, ...conversions, ...timeFunctions };

/** The library's functions cannot be replaced, so weir's have names of their own. */
export const ownPrefix = "weir_";

const nameIn = (signature: string): string => /(\w+)\(/.exec(signature)![1]!;

/** The names of those functions, as expressions use them. */
export const ownNames: ReadonlySet<string> = new Set(Object.keys(own).map(nameIn));

/** Numbers of events are doubles, and integers in an expression mix with them. */
const mixed: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
};

/** The part of the library that evaluates: functions get it as `this`. */
interface Evaluator {
  debugType(value: unknown): unknown;
  debugTypeDeep(value: unknown): unknown;
}

/** How many levels of lists and maps the type of a value has. */
const mostLevels = 4;

/**
 * The library keeps the type of each value that it sees, for ever: `list<map<string, list<…>>>`. Values of events have any
 * number of types, so beyond a few levels what is inside does not count.
 */
const limitTypes = (evaluator: Evaluator): void => {
  const typeOf = evaluator.debugTypeDeep;
  let level = 0;
  evaluator.debugTypeDeep = (value) => {
    if (level >= mostLevels) return evaluator.debugType(value);
    level++;
    try {
      return typeOf.call(evaluator, value);
    } finally {
      level--;
    }
  };
};

const make = (): Environment => {
  const made = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: { maxAstNodes: 10_000, maxDepth: 100, maxListElements: 1000, maxMapEntries: 1000, maxCallArguments: 32 },
  });
  for (const [signature, compute] of Object.entries(own))
    made.registerFunction(
      signature.replace(/(\w+)\(/, `${ownPrefix}$1(`),
      compute as (...values: unknown[]) => unknown,
    );
  for (const [operator, compute] of Object.entries(mixed)) {
    made.registerOperator(`double ${operator} int`, (a: number, b: bigint) => compute(a, Number(b)));
    made.registerOperator(`int ${operator} double`, (a: bigint, b: number) => compute(Number(a), b));
  }
  for (const types of ["int == double", "int == uint", "double == uint"])
    made.registerOperator(types, (a: bigint, b: bigint) => a <= b && a >= b);
  for (const [operator, holds] of Object.entries(orders))
    made.registerOperator(`bytes ${operator} bytes`, (a: Uint8Array, b: Uint8Array) => holds(Buffer.compare(a, b)));
  made.registerFunction(`${ownPrefix}start(): bool`, function (this: Evaluator) {
    limitTypes(this);
    return true;
  });
  made.evaluate(`${ownPrefix}start()`);
  return made;
};

const orders: Readonly<Record<string, (order: number) => boolean>> = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

let environment: Environment | undefined;

/** What expressions can use. It is made when the first is compiled. */
export const celEnvironment = (): Environment => {
  environment ??= make();
  return environment;
};
