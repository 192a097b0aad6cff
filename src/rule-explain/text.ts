import { timeText } from "../explain/document.ts";
import { type Paint, paintFor } from "../explain/text/paint.ts";
import type { QueryClause } from "../query-clause.ts";
import { counted, printable, shortened } from "../text.ts";
import type { ExplainedEvent, RaisedAlert, RuleExplanation } from "./explain.ts";

interface Looks {
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
}

/** What a rule makes of events, for people. */
export const ruleExplanationText = (
  { rule, events, later, left }: RuleExplanation,
  { color, width }: { readonly color: boolean; readonly width: number },
): string => {
  const looks = { paint: paintFor(color), width };
  const { paint } = looks;
  const about = `${rule.name} · ${rule.type} · by ${rule.timestamp}`;
  return [
    paint.title(printable(rule.title)),
    paint.faint(printable(about)),
    ...events.flatMap((event, index) => [
      "",
      paint.title(`event ${index + 1} of ${events.length}`),
      ...eventLines(event, looks).map((line) => `  ${line}`),
    ]),
    ...later.flatMap((alert) => ["", paint.title(`later, at ${timeText(alert.at)}`), ...alertLines(alert, paint)]),
    ...(left > 0 ? ["", `… and ${counted(left, "more event")}, not shown`] : []),
    "",
  ].join("\n");
};

const eventLines = ({ query, outcome, findings, alerts }: ExplainedEvent, looks: Looks): readonly string[] => {
  const { paint } = looks;
  return [
    ...(query ? clauseLines(query, looks, 0) : []),
    ...(query && !query.matches && hasNoField(query) ? wrongKind.map(paint.changed) : []),
    `${alerts.length > 0 ? paint.added("▲") : "·"} ${paint.title(printable(outcome))}`,
    ...findings.map(
      ({ title, outcome: found = "", depth }) =>
        `${"  ".repeat(Math.min(depth, 8))}${printable(title)}  ${paint.faint(printable(found))}`,
    ),
    ...alerts.flatMap((alert) => alertLines(alert, paint)),
  ];
};

const alertLines = ({ reason }: RaisedAlert, paint: Paint): readonly string[] => [`  ${paint.name(printable(reason))}`];

const wrongKind = [
  "The event has none of the fields of the query. Rules look at documents, which transforms such as kubernetes_audit make of",
  "records: `weir explain PIPELINE --line TEXT --json` shows them.",
];

const hasNoField = ({ values, parts }: QueryClause): boolean =>
  (values === undefined || values.length === 0) && parts.every(hasNoField);

/** A line for each clause. The clauses of the outermost "and" stand at the margin, because they are the query. */
const clauseLines = (clause: QueryClause, looks: Looks, depth: number): readonly string[] => {
  const { kind, parts } = clause;
  if (kind === "and" && depth === 0) return parts.flatMap((part) => clauseLines(part, looks, 0));
  const [only] = parts;
  // "not a:b" is one line.
  if (kind === "not" && only?.kind === "test") return [clauseLine(clause, `not ${only.text}`, only, looks, depth)];
  const below = parts.flatMap((part) => clauseLines(part, looks, depth + 1));
  const title = kind === "test" ? clause.text : titles[kind];
  return [clauseLine(clause, title, kind === "test" ? clause : undefined, looks, depth), ...below];
};

const titles = { and: "all of", or: "one of", not: "not" } as const;

const clauseLine = (
  { matches }: QueryClause,
  title: string,
  test: QueryClause | undefined,
  { paint, width }: Looks,
  depth: number,
): string => {
  const mark = matches ? paint.added("✓") : paint.removed("✗");
  const text = printable(shortened(title, Math.max(40, width - 2 * depth - 4)));
  const found = test ? `  ${paint.faint(printable(foundIn(test)))}` : "";
  return `${"  ".repeat(depth)}${mark} ${text}${found}`;
};

/** The most values that are shown, and how long a value can be, in UTF-16 units. */
const most = 3;
const longest = 80;

const foundIn = ({ values, matched }: QueryClause): string => {
  if (matched) return `by ${shortened(matched.slice(0, most).join(", "), longest)}`;
  if (values === undefined) return "";
  if (values.length === 0) return "is missing";
  const shown = values.slice(0, most).map((value) => shortened(JSON.stringify(value), longest));
  return `is ${shown.join(", ")}${values.length > most ? ", …" : ""}`;
};
