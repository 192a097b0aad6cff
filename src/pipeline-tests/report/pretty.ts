import { pictured, printable } from "../../text.ts";
import type { Failure } from "../run/trial.ts";
import { hasPassed, type TestResult } from "./result.ts";

const ansi = (open: number, close: number) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`;
const same = (text: string) => text;
const paints = { good: ansi(32, 39), bad: ansi(31, 39), place: ansi(1, 22), faint: ansi(2, 22) };
const plain = { good: same, bad: same, place: same, faint: same };

/** A line for a test, and below it what is wrong. */
export const prettyResult = (result: TestResult, color: boolean): string => {
  const paint = color ? paints : plain;
  const { file, name, failures } = result;
  const mark = hasPassed(result) ? paint.good("✓") : paint.bad("✗");
  const lines = failures.flatMap((failure) => ["", ...failureLines(file, failure, paint)]);
  const end = lines.length > 0 ? [""] : [];
  return [`${mark} ${paint.faint(`${printable(file)}:`)} ${printable(name)}`, ...lines.slice(1), ...end]
    .map((line) => `${line}\n`)
    .join("");
};

const failureLines = (file: string, { message, line, diff, notes }: Failure, paint: typeof plain): string[] => {
  const signs = { "-": paint.bad, "+": paint.good, " ": same };
  const legend = diff.some(({ sign }) => sign !== " ")
    ? [`    ${paint.bad("- expected")}  ${paint.good("+ arrived")}`]
    : [];
  return [
    `  ${paint.place(`${printable(file)}:${line}`)}  ${printable(message)}`,
    ...legend,
    ...diff.map(({ sign, text }) => `    ${signs[sign](`${sign} ${pictured(text)}`)}`),
    ...notes.map((note) => `    ${paint.faint(printable(note))}`),
  ];
};
