import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadPipelineFile } from "../src/cli/load-file.ts";
import { folderOf } from "./pipeline-tests/weir-test.ts";

/** A step, the text that is underlined, and the message with the way out. */
const mistakes: readonly (readonly [step: string, underlined: string, message: string])[] = [
  [
    'grok: { field: a, patterns: ["%{IP:b} %{WORDS:c}"] }',
    "%",
    '"shape" cannot be built: there is no pattern "WORDS".',
  ],
  ['grok: { field: a, patterns: ["x", "(%{IP:b}"] }', "(", "this `(` has no `)`; write `\\(` for the character."],
  [
    'grok: { field: a, patterns: ["%{IP:b"] }',
    "%",
    'this "%{" begins no named pattern. Write %{NAME}, %{NAME:field} or',
  ],
  ['grok: { field: a, patterns: ["%{M}"], pattern_definitions: { M: "[a-" } }', "[", "this `[` has no `]`"],
  ['grok: { field: a, patterns: "%{IP:b}" }', '"%{IP:b}"', 'is not a list. Write ["%{IP:b}"].'],
  ['grok: "%{IP:b}"', '"%{IP:b}"', "Write { field: …, patterns: … }."],
  ['set: { a: { cel: "double(took > 1.5" } }', '"', 'expected ")", found the end of the expression.'],
  ['set: { a: [1, { cel: "nope(took)" }] }', "n", "there is no function 'nope(dyn)'."],
  ["set: { a: { cel: 5 } }", "5", "an expression of CEL is a text. Quote it."],
  ['set: { a: "{{ b" }', '"{{ b"', "has a malformed placeholder"],
  ["rename: { a: b..c }", "b..c", '"b..c" has an empty name between its dots.'],
  ["remove: [a, b..c]", "b..c", '"b..c" has an empty name between its dots.'],
  ['date: { field: a, formats: ["yyyy-MM-ddQ"] }', "Q", '"Q" is no part of a date that weir knows.'],
  ['dissect: { field: a, pattern: "x %{b}%{c}" }', "%", 'there is nothing between "%{b}" and the next key.'],
  ["convert: { a: int }", "int", 'Did you mean "integer"?'],
  ["convert: integer", "integer", "Before each colon there is a field such as user.name, after it one of integer,"],
  ["uppercase: { field: a }", "{ field: a }", "A map is not a list. Each item is a field such as user.name."],
  ["uppercase", "uppercase", "Write { uppercase: … }."],
  ['{ set: { a: 1 }, where: "a:(" }', '"', 'Expected a value for "a", found the end of the query.'],
  [
    '{ set: { a: 1 }, on_failure: [{ drop: {} }, { set: { b: { cel: "1 +" } } }] }',
    '"',
    "the expression is not complete.",
  ],
];

it.each(mistakes)("%s", async (step, underlined, message) => {
  const text = `
sources: { in: { type: stdin } }
transforms:
  shape:
    type: remap
    inputs: [in]
    steps:
      - lowercase: [x]
      - ${step}
sinks: { out: { type: blackhole, inputs: [shape] } }
`;
  const file = join(folderOf({ "p.yaml": text }), "p.yaml");
  const loaded = await loadPipelineFile(file);
  const problems = loaded.ok ? [] : loaded.problems;
  expect(problems.map(({ line }) => line)).toEqual([9]);
  const [{ column, length = 1, message: found, hint }] = problems as [(typeof problems)[0]];
  const row = readFileSync(file, "utf8").split("\n")[8]!;
  expect(row.slice(column - 1, column - 1 + length)).toBe(underlined);
  expect([found, hint].join(" ")).toContain(message);
});
