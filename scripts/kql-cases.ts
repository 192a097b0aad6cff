import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { compileKql, type FieldType, type KqlLiteral, type KqlNode, parseKql } from "../src/kql/index.ts";

/** Runs `kql_parse_cases.jsonl` and `kql_eval_cases.jsonl` of a folder and prints what passed and what did not. */
const usage = "Usage: node --conditions=weir-source scripts/kql-cases.ts FOLDER";

interface ParseCase {
  readonly kql: string;
  readonly ast?: unknown;
  readonly error?: boolean;
}

interface EvalCase {
  readonly kql: string;
  readonly mapping: Readonly<Record<string, FieldType>>;
  readonly doc: Readonly<Record<string, unknown>>;
  readonly match: boolean;
}

/** A literal in the cases' notation: `l` unquoted, `q` quoted, `w` with wildcards, a literal star written `\*`. */
const literal = (node: KqlLiteral): unknown => {
  if (node.type === "null") return { l: null };
  if (node.type === "wildcard") return { w: node.parts.map((part) => part.replaceAll("*", "\\*")).join("*") };
  return node.type === "quoted" ? { q: node.value } : { l: node.value };
};

const notation = (node: KqlNode): unknown => {
  if (node.type === "and" || node.type === "or") return [node.type, ...node.nodes.map(notation)];
  if (node.type === "not") return ["not", notation(node.node)];
  if (node.type === "nested") return ["nested", literal(node.path), notation(node.node)];
  if (node.type === "range") return ["range", literal(node.field), node.operator, literal(node.value)];
  return ["is", literal(node.field), literal(node.value)];
};

const outcome = <T>(run: () => T): T | Error => {
  try {
    return run();
  } catch (error) {
    return error as Error;
  }
};

const parses = ({ kql, ast, error }: ParseCase): unknown => {
  const found = outcome(() => notation(parseKql(kql)));
  const passed = error ? found instanceof Error : isDeepStrictEqual(found, ast);
  return passed ? undefined : { kql, found, wanted: error ? "an error" : ast };
};

const evaluates = ({ kql, mapping, doc, match }: EvalCase): unknown => {
  const found = outcome(() => compileKql(kql, { fields: mapping })(doc));
  return found === match ? undefined : { kql, found, wanted: match };
};

const run = <Case>(file: string, failureOf: (row: Case) => unknown): boolean => {
  const rows = readFileSync(file, "utf8").trim().split("\n");
  const failures = rows.map((row) => failureOf(JSON.parse(row))).filter((failure) => failure !== undefined);
  console.log(`${file}: ${rows.length - failures.length} of ${rows.length} passed`);
  for (const failure of failures) console.log(failure);
  return failures.length === 0;
};

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else {
  const parsed = run(join(folder, "kql_parse_cases.jsonl"), parses);
  const evaluated = run(join(folder, "kql_eval_cases.jsonl"), evaluates);
  if (!parsed || !evaluated) process.exitCode = 1;
}
