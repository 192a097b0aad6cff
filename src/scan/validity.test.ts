import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deepestRecord, longestRecord, type ScanPlan } from "./plan.ts";
import { mutated, randomOf } from "./testing/mutator.ts";
import { depthOf, isObject } from "./testing/oracle.ts";
import { scanners, wholeLines } from "./testing/scans.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const runSeed = Number(process.env["WEIR_SEED"] ?? 1);

/** Nobody wants anything: what is found is not valid. */
const nothing: ScanPlan = {
  root: { members: new Map(), others: "free", hasPaths: false },
  alternatives: 0,
  leaves: [],
};
const both = scanners(nothing);

const sample = readFileSync(fileURLToPath(new URL("../../examples/audit-sample.log", import.meta.url)), "latin1")
  .split("\n")
  .filter((line) => line !== "");

/** Whether a line is asked: it is not an object, too deep or too long, or a name of the record has a backslash. */
const isAsked = (line: string): boolean =>
  line.length > longestRecord ||
  !isObject(line) ||
  depthOf(line) > deepestRecord ||
  topNames(line).some((name) => name.includes("\\"));

/** The names of the members of the record itself, as written. */
const topNames = (line: string): string[] => {
  let depth = 0;
  const names: string[] = [];
  for (const [part, name] of line.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (part === "{" || part === "[") depth++;
    else if (part === "}" || part === "]") depth--;
    else if (name !== undefined && depth === 1) names.push(name);
  }
  return names;
};

/** Expects of each line what JSON.parse says of it, from both scanners. */
const expectAsParsed = (lines: readonly string[]): void => {
  const block = Buffer.from(`${lines.join("\n")}\n`, "latin1");
  const asked = lines.filter(isAsked);
  for (const scanner of both) {
    const { records, found, reached } = wholeLines(scanner, block);
    expect(found.map(({ start, end }) => block.toString("latin1", start, end))).toEqual(asked);
    expect({ records, reached }).toEqual({ records: lines.length, reached: block.length });
  }
};

describe("a record is valid if JSON.parse accepts it as an object:", () => {
  it("the sample, as it is", () => {
    expectAsParsed(sample);
  });

  it("mutated lines of the sample", () => {
    const random = randomOf(runSeed);
    for (let round = 0; round < (isLong ? 1000 : 10); round++)
      expectAsParsed(Array.from({ length: 1000 }, () => mutated(sample[random(sample.length)]!, random)));
  });

  it("any JSON", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.json(),
            fc.json().map((json) => `{"a":${json}}`),
          ),
          { minLength: 1 },
        ),
        (texts) => expectAsParsed(texts.map((text) => Buffer.from(text).toString("latin1"))),
      ),
      { numRuns: isLong ? 6_000 : 200 },
    );
  });

  it("all short values", () => {
    const marks = [...'-+01.9eE"\\u/{}[],: \ta', "true", "\x00", "\xc3"];
    const all = (length: number): string[] =>
      length === 0 ? [""] : all(length - 1).flatMap((before) => marks.map((mark) => before + mark));
    for (const length of isLong ? [0, 1, 2, 3, 4] : [0, 1, 2, 3])
      expectAsParsed(all(length).map((text) => `{"a":${text}}`));
    expectAsParsed(all(2).flatMap((text) => [text, `${text}{}`, `{}${text}`, `{${text}}`, `{"a":1${text}}`]));
  });

  it("all bytes in a text, and after a backslash, at any distance from its beginning and from the end of the block", () => {
    for (const length of [0, 1, 14, 15, 16, 17, 31, 32, 33]) {
      const lines: string[] = [];
      for (let byte = 0; byte < 256; byte++) {
        if (byte === 0x0a) continue;
        const mark = String.fromCharCode(byte);
        lines.push(`{"a":"${"x".repeat(length)}${mark}"}`, `{"a":"${"x".repeat(length)}\\${mark}"}`);
        lines.push(`{"a":"${"x".repeat(length)}\\u00${mark}0"}`, `{"${"x".repeat(length)}${mark}":1}`);
      }
      expectAsParsed(lines);
      expectAsParsed(lines.slice(0, 200).flatMap((line) => [1, 2, 3, 4, 5, 6].map((end) => line.slice(0, -end))));
    }
  });

  it("with backslashes in a row, which end at any place", () => {
    const lines: string[] = [];
    for (let before = 0; before < 20; before++)
      for (let count = 0; count < 40; count++) lines.push(`{"a":"${"x".repeat(before)}${"\\".repeat(count)}"}`);
    expectAsParsed(lines);
  });

  it("unless it is too deep or too long", () => {
    const nested = (levels: number) => `{"a":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
    const long = (length: number) => `{"a":"${"x".repeat(length - 8)}"}`;
    expectAsParsed([1, 2, 59, 60, 61, 62, 1000, 100_000].map(nested));
    expectAsParsed([65_535, 65_536, 65_537, 200_000].map(long));
    expectAsParsed([
      `${long(65_535)} `,
      `${long(65_536)} `,
      `  ${long(65_535)}`,
      `${long(65_535)}\r`,
      `${long(65_536)}\r`,
    ]);
  });

  it("with white space around, but not an empty line or half of a record", () => {
    expectAsParsed([
      "",
      "\r",
      " ",
      "{}\r",
      " {} ",
      "{}{}",
      "{",
      "}",
      "\xef\xbb\xbf{}",
      "{} x",
      "null",
      "[]",
      "[{}]",
      '"a"',
      "{\r}",
    ]);
  });
});
