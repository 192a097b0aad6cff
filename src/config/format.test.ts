import fc from "fast-check";
import { expect, it } from "vitest";
import type { Problem } from "../problem.ts";
import { formatProblems, summaryOf } from "./format.ts";

const text = "sinks:\n  out:\n    type: post\n\turl: 5 parsecs\n";
const problem: Problem = {
  severity: "error",
  code: "config/unknown-option",
  message: 'Unknown option "tpye" of post.',
  hint: 'Did you mean "type"?',
  file: "p.yaml",
  line: 3,
  column: 5,
  length: 4,
};
const textOf = (file: string) => (file === "p.yaml" ? text : undefined);

it("prints place, sentence, way out and code, the line before, the line, carets, and a summary", () => {
  expect(formatProblems([problem], textOf, { notes: ["3 components"] })).toBe(
    `p.yaml:3:5  error  Unknown option "tpye" of post. Did you mean "type"?  config/unknown-option
  2 │   out:
> 3 │     type: post
    │     ^^^^
1 error, 0 warnings · 3 components
`,
  );
});

it("prints at most 200 problems, errors rather than warnings, and counts the others", () => {
  const warnings = Array.from({ length: 300 }, (_, line) => ({ ...problem, severity: "warning" as const, line }));
  const printed = formatProblems([...warnings, problem], () => undefined);
  expect(printed.match(/ {2}error {2}/g)).toHaveLength(1);
  expect(printed.match(/ {2}warning {2}/g)).toHaveLength(199);
  expect(printed).toMatch(/\n… and 101 more problems\n1 error, 300 warnings\n$/);
});

it("keeps a tab before the caret, so that both lines are shifted alike", () => {
  const lines = formatProblems([{ ...problem, line: 4, column: 7, length: 9 }], textOf).split("\n");
  expect(lines.slice(2, 4)).toEqual(["> 4 │ \turl: 5 parsecs", "    │ \t     ^^^^^^^^^"]);
});

it("does without a frame when the text is not at hand or the line is empty", () => {
  expect(formatProblems([{ ...problem, file: "gone.yaml" }], textOf).split("\n")).toHaveLength(3);
  expect(formatProblems([{ ...problem, line: 5, column: 1 }], textOf).split("\n")).toHaveLength(3);
});

it("shows the part of a long line that is around the place, and the same part of the line before", () => {
  const [left, right] = ["a".repeat(1_000_000), "z".repeat(1_000_000)];
  const long = `${left}before${right}\n${left}parsec${right}`;
  const place = { ...problem, line: 2, column: left.length + 1, length: 1000 };
  const [, before = "", row = "", carets = ""] = formatProblems([place], () => long).split("\n");
  expect(before).toMatch(/^ {2}1 │ …a{60}beforez{114}…$/);
  expect(row).toMatch(/^> 2 │ …a{60}parsecz{114}…$/);
  expect(carets).toMatch(/^ {4}│ {62}\^+$/);
  expect(carets.length).toBe(row.length);
});

it("prints nothing that a terminal would obey", () => {
  const character = fc.constantFrom("a", "\t", "\u001b", "\u0007", "\r", "\u009b", "\u202e", "é");
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 300 }), fc.nat(300), fc.nat(300), (row, at, length) => {
      const place = { ...problem, message: row, file: row, line: 1, column: at + 1, length };
      expect(formatProblems([place], () => row)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    }),
  );
});

it("puts the carets under the place, however its line is cut", () => {
  const character = fc.constantFrom("a", "b", "\u001b");
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 500 }), fc.string({ unit: character }), (left, right) => {
      const row = `${left}<here>${right}`;
      const place = { ...problem, line: 1, column: left.length + 1, length: 6 };
      const [, shown = "", carets = ""] = formatProblems([place], () => row).split("\n");
      expect(shown.slice(carets.indexOf("^"), carets.length)).toBe("<here>");
    }),
  );
});

it("colours when asked, and says the same", () => {
  const plain = formatProblems([problem, { ...problem, severity: "warning" }], textOf);
  const colored = formatProblems([problem, { ...problem, severity: "warning" }], textOf, { color: true });
  expect(plain).not.toContain("\u001b");
  expect(colored).toContain("\u001b[31merror\u001b[39m");
  expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(plain);
});

it("counts errors and warnings", () => {
  expect(summaryOf([])).toBe("0 errors, 0 warnings");
  expect(summaryOf([problem, problem, { ...problem, severity: "warning" }])).toBe("2 errors, 1 warning");
});
