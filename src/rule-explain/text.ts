import { timeText } from "../explain/document.ts";
import { type Paint, paintFor } from "../explain/text/paint.ts";
import type { QueryClause } from "../query-clause.ts";
import { counted, printable } from "../text.ts";
import { clauseLines, type Looks } from "./clause-text.ts";
import type { ExplainedEvent, FoundStep, RaisedAlert, RuleExplanation } from "./explain.ts";

/** What a rule makes of events, for people. */
export const ruleExplanationText = (
  { rule, component, events, later, left }: RuleExplanation,
  { color, width }: { readonly color: boolean; readonly width: number },
): string => {
  const looks = { paint: paintFor(color), width };
  const { paint } = looks;
  const where = component === undefined ? "" : ` · as the component ${component} runs it`;
  const about = `${rule.name} · ${rule.type} · by ${rule.timestamp}${where}`;
  return [
    paint.title(printable(rule.title)),
    paint.faint(printable(about)),
    ...events.flatMap((event, index) => [
      "",
      paint.title(`event ${index + 1} of ${events.length}`),
      ...eventLines(event, looks).map((line) => `  ${line}`),
    ]),
    ...later.flatMap((alert, index) => [
      ...(later[index - 1]?.at === alert.at ? [] : ["", paint.title(`later, at ${timeText(alert.at)}`)]),
      ...alertLines(alert, paint),
    ]),
    ...(left > 0 ? ["", `… and ${counted(left, "more event")}, not shown`] : []),
    "",
  ].join("\n");
};

const eventLines = (event: ExplainedEvent, looks: Looks): readonly string[] => {
  const { query, filter, outcome, findings, later, alerts } = event;
  const { paint } = looks;
  const step = ({ title, outcome: found = "", depth }: FoundStep): string =>
    `${"  ".repeat(Math.min(depth, 8))}${printable(title)}${title === "" ? "" : "  "}${paint.faint(printable(found))}`;
  return [
    ...(query ? clauseLines(query, looks, 0) : []),
    ...(filter ? ["and the filters of the rule:", ...clauseLines(filter, looks, 1)] : []),
    ...(query && !query.matches && hasNoField(query) ? wrongKind.map(paint.changed) : []),
    `${alerts.length > 0 ? paint.added("▲") : "·"} ${paint.title(printable(outcome))}`,
    ...findings.map(step),
    ...laterLines(later, step, paint),
    ...alerts.flatMap((alert) => alertLines(alert, paint)),
  ];
};

/** When that was, by the clock of the host, says little: the file has the times of the events. */
const laterLines = (
  later: ExplainedEvent["later"],
  line: (step: FoundStep) => string,
  paint: Paint,
): readonly string[] => (later.length === 0 ? [] : [paint.faint("  then:"), ...later.map((step) => `  ${line(step)}`)]);

const alertLines = ({ reason }: RaisedAlert, paint: Paint): readonly string[] => [`  ${paint.name(printable(reason))}`];

const wrongKind = [
  "The event has none of the fields of the query. Rules look at documents, which transforms such as kubernetes_audit make of",
  "records: `weir explain PIPELINE --line TEXT --json` shows them.",
];

const hasNoField = ({ values = [], inputs = [], parts }: QueryClause): boolean =>
  values.length === 0 &&
  inputs.every((input) => input.values.every((value) => value === null)) &&
  parts.every(hasNoField);
