import { fieldValues } from "../fields/values.ts";
import type { Data } from "../json.ts";
import { pictured, shortened, tableText } from "../text.ts";
import { barsOf } from "./bars.ts";
import type { AlertCounts, BacktestDocument, ProfileReport, RuleReport } from "./document.ts";
import { usualFields } from "./findings.ts";
import { countText, numberText, type Page, rateText } from "./page.ts";

/** How many values of a field are shown. */
const mostValues = 3;

/** What a rule did, as a section of the page. */
export const ruleText = (rule: RuleReport, document: BacktestDocument, page: Page): readonly string[] => [
  ...title(rule, page),
  `  ${alertsText(rule, document)}`,
  ...plot(rule, document, page),
  ...terms(rule, page),
  ...held(rule),
  ...exceptions(rule, page),
  ...profiles(rule, document, page),
];

/** The title has a line of its own if it does not fit beside the name. */
const title = ({ rule, severity, title: text }: RuleReport, { width, bold, dim }: Page): readonly string[] => {
  const shown = pictured(text);
  const isLong = rule.length + severity.length + shown.length + 6 > width;
  if (!isLong) return [`${bold(rule)} ${dim(`· ${severity} · ${shown}`)}`];
  return [`${bold(rule)} ${dim(`· ${severity}`)}`, `  ${dim(shortened(shown, width - 2))}`];
};

const alertsText = ({ alerts, alerts_before }: RuleReport, { days }: BacktestDocument): string => {
  const count = `${countText(alerts, "alert")}`;
  const rate = days > 1 && alerts > 0 ? `, ${rateText(alerts / days)} a day` : "";
  const before = alerts_before > 0 ? ` (and ${numberText(alerts_before)} before, which do not count)` : "";
  return `${count}${rate}${before}`;
};

const plot = (
  { alerts, days }: AlertCounts,
  { events, since }: BacktestDocument,
  { width, dim }: Page,
): readonly string[] => {
  if (alerts === 0 || events.first === null) return [];
  const from = Math.max(Date.parse(events.first), since === null ? 0 : Date.parse(since));
  const to = Date.parse(events.last!);
  const counts = new Map(days.map(({ day, alerts: count }) => [Date.parse(day), count]));
  const bars = barsOf(counts, { from, to, columns: width - 4 });
  if (bars.text.length < 2) return [];
  const [first, last] = [from, to].map((time) => new Date(time).toISOString().slice(0, 10)) as [string, string];
  const isOneYear = first.slice(0, 4) === last.slice(0, 4);
  const dates = isOneYear ? `${first.slice(5)} to ${last.slice(5)}` : `${first} to ${last}`;
  const unit = bars.days === 1 ? "a bar a day" : `a bar for ${bars.days} days`;
  const scale = dim(`${dates}, ${unit}, █ is ${numberText(bars.highest)}`);
  return bars.text.length + dates.length + 40 < width ? [`  ${bars.text}  ${scale}`] : [`  ${bars.text}`, `  ${scale}`];
};

/** A line for each value: how many alerts have it, and as much of it as fits. */
const terms = ({ top_terms }: RuleReport, { width, dim }: Page): readonly string[] => {
  const label = Math.min(30, Math.max(0, ...top_terms.map(({ field }) => field.length)));
  return top_terms.flatMap(({ field, values, distinct, exact }) => {
    const shown = values.slice(0, mostValues);
    const digits = numberText(shown[0]!.alerts).length;
    const others = distinct - shown.length;
    const more = others > 0 ? `  … ${exact ? "" : "over "}${numberText(others)} more` : "";
    return shown.map(({ value, alerts }, index) => {
      const end = index === shown.length - 1 ? more : "";
      const text = shortened(pictured(value), Math.max(8, width - label - digits - 6 - end.length));
      const name = index === 0 ? endOf(field, label) : "";
      return `  ${name.padEnd(label)}  ${numberText(alerts).padStart(digits)}  ${text}${dim(end)}`;
    });
  });
};

/** The end of a field says more than its beginning. */
const endOf = (field: string, length: number): string =>
  field.length <= length ? field : `…${field.slice(field.length - length + 1)}`;

const held = ({ suppressed, capped }: RuleReport): readonly string[] => {
  const parts = [
    ...(suppressed > 0 ? [`${numberText(suppressed)} suppressed`] : []),
    ...(capped > 0 ? [`${numberText(capped)} over the cap`] : []),
  ];
  return parts.length > 0 ? [`  held back: ${parts.join(", ")}`] : [];
};

const exceptions = ({ exceptions: list }: RuleReport, { width, dim }: Page): readonly string[] =>
  list.flatMap(({ name, events, expired, sample }) => {
    const counts = [
      ...(events > 0 ? [`left out ${countText(events, "event")}`] : []),
      ...(expired > 0 ? [`expired: would have left out ${numberText(expired)} more`] : []),
    ];
    const text = shortened(pictured(sampleText(sample)), width - 12);
    return [`  exception "${shortened(pictured(name), 40)}" ${counts.join("; ")}`, dim(`    such as ${text}`)];
  });

/** An event by the usual fields, or as a whole if it has none of them. */
const sampleText = (sample: Data): string => {
  const values = usualFields.flatMap((field) => fieldValues(field)(sample).slice(0, 1));
  return values.length > 0 ? values.join(" · ") : JSON.stringify(sample);
};

const profiles = (rule: RuleReport, { days }: BacktestDocument, { dim }: Page): readonly string[] => {
  if (rule.profiles.length === 0) return [];
  const row = (name: string, text: (profile: ProfileReport) => string) => [name, ...rule.profiles.map(text)];
  const rows = [
    row("", ({ profile }) => profile),
    row("alerts", ({ alerts }) => numberText(alerts)),
    ...(days > 1 ? [row("a day", ({ alerts }) => rateText(alerts / days))] : []),
    ...(rule.profiles.some((profile) => profile.held_back > 0)
      ? [row("held back", ({ held_back }) => numberText(held_back))]
      : []),
    ...(rule.profiles.some((profile) => profile.left_out > 0)
      ? [row("left out", ({ left_out }) => (left_out === 0 ? "" : countText(left_out, "event")))]
      : []),
  ];
  const columns = new Set(rule.profiles.map((_, index) => index + 1));
  return [
    dim("  with its profiles:"),
    ...tableText(rows, columns)
      .trimEnd()
      .split("\n")
      .map((line) => `  ${line}`),
  ];
};
