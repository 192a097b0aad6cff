import type { Paint } from "../explain/text/paint.ts";
import type { QueryClause } from "../query-clause.ts";
import { printable, shortened } from "../text.ts";

export interface Looks {
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
}

/** A line for each clause. The clauses of the outermost "and" stand at the margin, because they are the query. */
export const clauseLines = (clause: QueryClause, looks: Looks, depth: number): readonly string[] => {
  const { kind, parts } = clause;
  if ((kind === "and" && depth === 0) || kind === "events")
    return parts.flatMap((part) => clauseLines(part, looks, depth));
  const [only] = parts;
  // "not a:b" is one line.
  if (kind === "not" && only?.kind === "test") return [clauseLine(clause, `not ${only.text}`, only, looks, depth)];
  const below = parts.flatMap((part) => clauseLines(part, looks, depth + 1));
  return [clauseLine(clause, titleOf(clause), kind === "test" ? clause : undefined, looks, depth), ...below];
};

const titleOf = ({ kind, text, place, keys = [] }: QueryClause): string => {
  if (kind === "and") return "all of";
  if (kind === "or") return "one of";
  if (kind !== "event") return kind === "not" ? "not" : text;
  const by = keys.map(({ field, values }) => `${field} ${values.length === 0 ? "(missing)" : valueList(values)}`);
  return `${place}${by.length > 0 ? `, by ${by.join(", ")}` : ""}`;
};

const clauseLine = (
  { matches, failure }: QueryClause,
  title: string,
  test: QueryClause | undefined,
  { paint, width }: Looks,
  depth: number,
): string => {
  const mark = matches ? paint.added("✓") : paint.removed("✗");
  const text = printable(shortened(title, Math.max(40, width - 2 * depth - 4)));
  const found = failure ?? (test ? foundIn(test) : "");
  return `${"  ".repeat(depth)}${mark} ${text}${found === "" ? "" : `  ${paint.faint(printable(found))}`}`;
};

/** The most values that are shown, and how long a value can be, in UTF-16 units. */
const most = 3;
const longest = 80;

const foundIn = ({ values, inputs, matched, unknown, unreadable }: QueryClause): string => {
  if (matched) return `by ${shortened(matched.slice(0, most).join(", "), longest)}`;
  const told = inputs ? inputs.map(({ text, values }) => `${text} ${isText(values)}`) : values ? [isText(values)] : [];
  if (unreadable !== undefined) told.push(`no value of the type ${unreadable}`);
  if (unknown) told.push("so it is unknown, and not true");
  return told.join(", ");
};

const isText = (values: readonly unknown[]): string => (values.length === 0 ? "is missing" : `is ${valueList(values)}`);

const valueList = (values: readonly unknown[]): string => {
  const shown = values.slice(0, most).map((value) => shortened(JSON.stringify(value), longest));
  return `${shown.join(", ")}${values.length > most ? ", …" : ""}`;
};
