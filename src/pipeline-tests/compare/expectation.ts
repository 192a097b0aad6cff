import type { Data } from "../../json.ts";
import { compileKql } from "../../kql/index.ts";
import { counted } from "../../text.ts";
import { deadLetters, type Expectation } from "../format/test.ts";
import { align, match } from "./align.ts";
import { type DiffLine, diffLines, excerpt, marked, yamlLines } from "./diff.ts";
import { fieldsOf, hasFields, isSame, namedFields, orderedLike } from "./fields.ts";

/** What an expectation found. */
export interface Verdict {
  /** Which of the events it is about, by index: later expectations do not see these. */
  readonly taken: ReadonlySet<number>;
  /** A sentence without its end, and the comparison; `undefined` if all is as expected. */
  readonly mismatch?: Mismatch;
}

export interface Mismatch {
  readonly message: string;
  readonly diff: readonly DiffLine[];
}

/** Compares the events that arrived, and that no earlier expectation has taken, with what is expected at a time. */
export const judge = (expectation: Expectation, arrived: readonly Data[], now: number): Verdict => {
  const { where, count, equals, contains } = expectation;
  const matches = where === undefined ? () => true : compileKql(where);
  const indexes = arrived.flatMap((data, index) => (matches(data, now) ? [index] : []));
  const taken = new Set(indexes);
  const events = indexes.map((index) => arrived[index]!);
  const found = foundBy(expectation, events.length);
  const mismatch =
    equals || contains
      ? compareLists(expectation, events, found)
      : compareCount(count, events.length, found, () => listed(where === undefined ? events : arrived));
  return mismatch ? { taken, mismatch } : { taken };
};

const foundBy = ({ from, where, found }: Expectation, count: number): string => {
  if (found) return found(count);
  const matching = where === undefined ? "" : count === 1 ? " that matches" : " that match";
  if (from !== deadLetters) return `"${from}" got ${counted(count, "event")}${matching}`;
  return `there ${count === 1 ? "is" : "are"} ${counted(count, "dead letter")}${matching}`;
};

const compareCount = (
  count: number | undefined,
  actual: number,
  found: string,
  diff: () => DiffLine[],
): Mismatch | undefined => {
  if (count === undefined ? actual > 0 : actual === count) return undefined;
  return { message: `${found}, expected ${count ?? "at least one"}`, diff: diff() };
};

const listed = (events: readonly Data[]): DiffLine[] => excerpt(marked("+", events.flatMap(yamlLines)));

const compareLists = (
  { equals, contains = [], inOrder }: Expectation,
  events: readonly Data[],
  found: string,
): Mismatch | undefined => {
  const expected = equals ?? contains;
  const isMatch = equals ? isSame : hasFields;
  const pairing = inOrder ? align : match;
  const pairs = pairing(expected.length, events.length, (i, j) => isMatch(expected[i]!, events[j]!));
  const isFine = pairs.every(
    ({ expected: i, actual: j }) => i !== undefined && j !== undefined && isMatch(expected[i]!, events[j]!),
  );
  if (isFine) return undefined;
  const lines = pairs.flatMap(({ expected: i, actual: j }) =>
    comparison(
      i === undefined ? undefined : expected[i],
      j === undefined ? undefined : events[j],
      equals === undefined,
    ),
  );
  const message =
    expected.length === events.length
      ? `${found}, and not all are as expected`
      : `${found}, expected ${expected.length}`;
  return { message, diff: excerpt(lines) };
};

/** `isPartial`: only the expected fields of an event are shown. */
const comparison = (expected: Data | undefined, actual: Data | undefined, isPartial: boolean): DiffLine[] => {
  if (expected === undefined) return marked("+", yamlLines(actual));
  if (!isPartial) return diffLines(yamlLines(expected), actual ? yamlLines(orderedLike(expected, actual)) : []);
  const fields = yamlLines(Object.fromEntries(fieldsOf(expected)));
  if (actual === undefined) return marked("-", fields);
  if (hasFields(expected, actual)) return marked(" ", fields);
  return diffLines(
    fields,
    yamlLines(orderedLike(Object.fromEntries(fieldsOf(expected)), namedFields(expected, actual))),
  );
};
