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

it("keeps a tab before the caret, so that both lines are shifted alike", () => {
  const lines = formatProblems([{ ...problem, line: 4, column: 7, length: 9 }], textOf).split("\n");
  expect(lines.slice(2, 4)).toEqual(["> 4 │ \turl: 5 parsecs", "    │ \t     ^^^^^^^^^"]);
});

it("does without a frame when the text is not at hand or the line is empty", () => {
  expect(formatProblems([{ ...problem, file: "gone.yaml" }], textOf).split("\n")).toHaveLength(3);
  expect(formatProblems([{ ...problem, line: 5, column: 1 }], textOf).split("\n")).toHaveLength(3);
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
