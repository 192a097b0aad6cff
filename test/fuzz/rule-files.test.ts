import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detect } from "../../src/detection/detect.ts";
import { indicatorsOfTest } from "../../src/detection/threat-match/indicator.ts";
import { RecordMeta } from "../../src/event.ts";
import { fingerprint as hash } from "../../src/fingerprint.ts";
import type { Data } from "../../src/json.ts";
import { readRule } from "../../src/rules/read-rule.ts";
import { memoryState } from "../../src/transform/memory-state.ts";
import { runStep } from "../../src/transform/run-step.ts";
import { budget, mutatedJson, mutatedText } from "./mutation.ts";

const folder = new URL("../elastic/rules/", import.meta.url);
const elastic = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".toml"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"));
const rules = new URL("../../plugins/rules/", import.meta.url);
const own = readdirSync(rules)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => readFileSync(new URL(name, rules), "utf8"));

const event = {
  event: { category: "process", kind: "event" },
  host: { id: "h", os: { type: "linux" } },
  kubernetes: { audit: { verb: "get", objectRef: { resource: "secrets", subresource: "exec", name: ["a", "b"] } } },
  process: { name: "curl", args: ["-o", "/tmp/x"], command_line: "curl -o /tmp/x" },
  user: { name: "ann" },
  source: { ip: "192.0.2.1" },
};

/** For rules that compare events with indicators. */
const indicators = indicatorsOfTest({ indicators: [{ threat: { indicator: { ip: "192.0.2.1" } } }] });

/** Reads a rule, and if it runs, lets it see events. What is wrong with it has a place in the text. */
const use = (text: string, file: string, events: readonly Data[]): boolean => {
  const { result, notHonoured } = readRule(text, { file, name: "a" });
  const lines = text.split("\n");
  const problems = [...(result.ok ? result.warnings : result.problems), ...notHonoured.map(({ problem }) => problem)];
  expect(result.ok || problems.length > 0).toBe(true);
  for (const { line, column, message } of problems) {
    expect(message).not.toMatch(/undefined|\[object|call stack/);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
  }
  if (!result.ok) return false;
  const { event: step } = detect({
    rules: [result.value],
    indicators,
    default_fields: ["message"],
    state: memoryState(),
    hash,
  });
  const given = events.map((data, index) => ({ data, meta: new RecordMeta("a", "log", index, index * 1_000) }));
  runStep(step, given);
  return true;
};

const isObject = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);

it.each([
  ["a.toml", elastic],
  ["a.yaml", own],
] as const)("any text of %s is a rule that runs, or has mistakes with their places", (file, texts) => {
  let running = 0;
  fc.assert(
    fc.property(fc.oneof(mutatedText(texts), fc.constantFrom(...texts)), mutatedJson([event]), (text, mutated) => {
      if (use(text, file, [event, ...[mutated].flat().filter(isObject)])) running++;
    }),
    budget(100),
  );
  expect(running).toBeGreaterThan(5);
});

const rule = (query: string, { language = "eql", more = "" } = {}) => `[rule]
rule_id = "00000000-0000-4000-8000-000000000001"
name = "Rule"
description = "For tests."
severity = "low"
risk_score = 21
type = "${language === "eql" ? "eql" : "query"}"
language = "${language}"
query = '''${query}'''
${more}
`;

/** Of the sizes below, how much a run takes. */
const share = process.env["WEIR_LONG"] ? 1 : 0.25;

const many = (count: number, make: (index: number) => string, between = "\n") =>
  Array.from({ length: Math.ceil(count * share) }, (_, index) => make(index)).join(between);

const long = 200_000 * share;

/** Texts of up to a mebibyte in long runs; with more than near-linear time, they would not come to an end. */
const hostile: readonly (readonly [what: string, file: string, text: string])[] = [
  ["brackets", "a.toml", `a = ${"[".repeat(long)}`],
  ["closed brackets", "a.toml", `a = ${"[".repeat(long)}${"]".repeat(long)}`],
  ["tables", "a.toml", many(20_000, (n) => `[t${n}.a.b]`)],
  ["lists of tables", "a.toml", many(20_000, () => "[[rule.threat]]")],
  ["dotted keys", "a.toml", many(10_000, (n) => `a${n}.b.c.d = 1`)],
  ["a long dotted key", "a.toml", `${"a.".repeat(long)}b = 1`],
  ["a quote that is not closed", "a.toml", `a = """${"x\n".repeat(long)}`],
  ["mistakes", "a.toml", "x\n".repeat(long)],
  ["escapes", "a.toml", `a = "${"\\u0041".repeat(long / 2)}"`],
  ["comments", "a.toml", "# x\n".repeat(long)],
  ["white space", "a.toml", `${" ".repeat(long)}\n`.repeat(4)],
  ["the same key", "a.toml", many(20_000, () => "a = 1")],
  ["unknown fields", "a.toml", rule("any where true", { more: many(5_000, (n) => `field_${n} = ${n}`) })],
  ["tags", "a.toml", rule("any where true", { more: `tags = [${many(50_000, (n) => `"t${n}"`, ",")}]` })],
  [
    "filters",
    "a.toml",
    rule("a:1", {
      language: "kuery",
      more: many(2_000, (n) => `[[rule.filters]]\n[rule.filters.query.wildcard."a"]\nvalue = "*x${n}*y?z*"\n`),
    }),
  ],
  ["parentheses in KQL", "a.toml", rule("(".repeat(long), { language: "kuery" })],
  ["alternatives in KQL", "a.toml", rule(`a:(${many(4_096, (n) => `*x${n}*`, " or ")})`, { language: "kuery" })],
  ["too many alternatives", "a.toml", rule(`a:(${many(20_000, (n) => `x${n}`, " or ")})`, { language: "kuery" })],
  ["a pattern in KQL", "a.toml", rule(`a:${"*a".repeat(long)}`, { language: "kuery" })],
  ["negations", "a.toml", rule(`${"not ".repeat(long / 4)}a:1`, { language: "kuery" })],
  ["alternatives in EQL", "a.toml", rule(`any where a : (${many(10_000, (n) => `"*x${n}*y*"`, ", ")})`)],
  ["chains in EQL", "a.toml", rule(`any where a : (${many(5_000, (n) => `"*a*b${n}*a*"`, ", ")})`)],
  ["unknown characters", "a.toml", rule(`any where a : (${many(500, (n) => `"?:\\\\*a?b${n}?*"`, ", ")})`)],
  ["events of a sequence", "a.toml", rule(`sequence ${"[any where true] ".repeat(256)}`)],
  ["runs of a sequence", "a.toml", rule("sequence by host.id [any where true] with runs=100 [any where true]")],
  ["brackets", "a.yaml", `a: ${"[".repeat(10_000)}`],
  ["anchors", "a.yaml", `a: &a [x]\n${many(50, (n) => `a${n}: &a${n} [*a, *a, *a]`)}`],
  ["lines", "a.yaml", many(20_000, (n) => `k${n}: ${n}`)],
  ["one long line", "a.yaml", `title: ${"x ".repeat(long)}`],
];

describe("a file with very many of something comes to an end", () => {
  const texts = ["a".repeat(long), "ab".repeat(long / 2), `c:\\${"ab".repeat(long / 4)}`];
  const events = [...texts, Array.from({ length: 5_000 }, (_, n) => `x${n}`)].map((a) => ({ ...event, a }));
  it.each(hostile)("%s in %s", (_, file, text) => {
    use(text, file, events);
  });
});
