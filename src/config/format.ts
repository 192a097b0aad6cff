import type { Problem } from "../problem.ts";
import { counted, pictured, printable } from "../text.ts";

export interface Style {
  readonly color?: boolean;
  /** Added to the summary line, such as `3 components`. */
  readonly notes?: readonly string[];
}

/**
 * Problems for people: place, sentence, way out and code, then the line with a caret under the place, and a summary at
 * the end. `textOf` returns the text of a file, if it is available.
 */
export const formatProblems = (
  problems: readonly Problem[],
  textOf: (file: string) => string | undefined,
  { color = false, notes = [] }: Style = {},
): string => {
  const paint = color ? paints : plain;
  const lines = new Map<string, readonly string[]>();
  const linesOf = (file: string): readonly string[] => {
    const known = lines.get(file) ?? textOf(file)?.split("\n") ?? [];
    lines.set(file, known);
    return known;
  };
  const blocks = mostSevere(problems).map(
    (problem) => `${headline(problem, paint)}\n${frame(problem, linesOf(problem.file), paint)}`,
  );
  const left = problems.length - blocks.length;
  if (left > 0) blocks.push(`… and ${counted(left, "more problem")}\n`);
  return [...blocks, `${[summaryOf(problems), ...notes].join(" · ")}\n`].join("");
};

/** More would scroll the first ones away. */
const shownAtMost = 200;

/** As many as are shown, errors before warnings; in the order that they have. */
const mostSevere = (problems: readonly Problem[]): readonly Problem[] => {
  if (problems.length <= shownAtMost) return problems;
  const bySeverity = problems.toSorted((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"));
  const shown = new Set(bySeverity.slice(0, shownAtMost));
  return problems.filter((problem) => shown.has(problem));
};

/** `2 errors, 1 warning`. */
export const summaryOf = (problems: readonly Problem[]): string => {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  return `${counted(errors, "error")}, ${counted(problems.length - errors, "warning")}`;
};

type Paint = Readonly<Record<"error" | "warning" | "place" | "faint", (text: string) => string>>;

const same = (text: string) => text;
const plain: Paint = { error: same, warning: same, place: same, faint: same };

const ansi = (open: number, close: number) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`;
const paints: Paint = { error: ansi(31, 39), warning: ansi(33, 39), place: ansi(1, 22), faint: ansi(2, 22) };

const headline = ({ severity, code, message, hint, file, line, column }: Problem, paint: Paint): string => {
  const place = paint.place(printable(`${file}:${line}:${column}`));
  const words = printable(hint ? `${message} ${hint}` : message);
  return `${place}  ${paint[severity](severity)}  ${words}  ${paint.faint(code)}`;
};

/** The line before, the line, and carets under the place; nothing without the text. */
const frame = ({ line, column, length = 1, severity }: Problem, lines: readonly string[], paint: Paint): string => {
  const row = lines[line - 1]?.trimEnd();
  if (!row) return "";
  const width = String(line).length;
  const gutter = (mark: string, number: number | string) => paint.faint(`${mark} ${String(number).padStart(width)} │`);
  const cut = cutAround(column - 1);
  const before = line > 1 ? `${gutter(" ", line - 1)} ${cut(lines[line - 2]!.trimEnd())}\n` : "";
  // A tab stays a tab under the line, so that the caret is below its place.
  const indent = cut(row.slice(0, column - 1)).replace(/[^\t]/g, " ");
  const marked = cut(row.slice(0, column - 1 + length)).length - indent.length;
  const carets = paint[severity]("^".repeat(Math.max(1, marked)));
  return `${before}${gutter(">", line)} ${cut(row)}\n${gutter(" ", "")} ${indent}${carets}\n`;
};

/** Characters shown before a place, and from it on. */
const [before, after] = [60, 120];

/** Cuts lines to what is around a place, the same part of each, and makes control characters visible. */
const cutAround = (place: number) => {
  const from = place > before + after ? place - before : 0;
  const to = Math.max(place, from + before) + after;
  return (row: string): string => {
    return `${from > 0 ? "…" : ""}${pictured(row.slice(from, to))}${row.length > to ? "…" : ""}`;
  };
};
