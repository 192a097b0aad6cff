import { exceptedBy, expiredException } from "../detection/exceptions/exceptions.ts";
import { heldBack } from "../detection/limits/limits.ts";
import { ruleTypes } from "../detection/rule-types.ts";
import { bytesText, printable, shortened } from "../text.ts";
import type { BacktestDocument } from "./document.ts";
import { countText, numberText, type Page, rateText, timesText } from "./page.ts";
import { ruleText } from "./rule-text.ts";

/** What a backtest has found, as a page for people. */
export const backtestText = (document: BacktestDocument, page: Page): string => {
  const { rules } = document;
  const loud = rules.filter(hasSomething);
  const quiet = rules.filter((rule) => !hasSomething(rule)).map(({ rule }) => rule);
  return [
    ...head(document, page),
    ...loud.flatMap((rule) => ["", ...ruleText(rule, document, page)]),
    ...(quiet.length > 0
      ? ["", page.bold(`Without alerts: ${countText(quiet.length, "rule")}`), ...list(namesOf(quiet), page)]
      : []),
    ...caveats(document, page),
    "",
  ].join("\n");
};

const hasSomething = ({
  alerts,
  alerts_before,
  suppressed,
  capped,
  exceptions,
  profiles,
}: BacktestDocument["rules"][number]) =>
  alerts + alerts_before + suppressed + capped + exceptions.length > 0 ||
  profiles.some((profile) => profile.alerts > 0);

const head = (document: BacktestDocument, page: Page): readonly string[] => {
  const { pipeline, files, events, alerts, rules, days, since } = document;
  const span = events.first === null ? "no event has a time" : timesText(events.first, events.last!);
  const perDay = days > 1 && alerts > 0 ? `, ${rateText(alerts / days)} a day` : "";
  const raising = rules.filter((rule) => rule.alerts > 0).length;
  const speed = `${document.seconds.toFixed(1)} s, ${numberText(document.events_per_second)} events/s`;
  return [
    page.bold(printable(pipeline)),
    `${countText(events.read, "event")} from ${countText(files.count, "file")} (${bytesText(files.bytes)}), ${span}`,
    ...(since === null
      ? []
      : [`Alerts count since ${shortTime(since)}; history before that: ${countText(events.before, "event")}.`]),
    `${page.bold(`${countText(alerts, "alert")}`)}${perDay}, from ${raising} of ${countText(rules.length, "rule")} ${page.dim(`· ${speed}`)}`,
  ];
};

const units = [
  ["days", 86_400_000],
  ["hours", 3_600_000],
  ["minutes", 60_000],
] as const;

const lateText = (duration: number): string => {
  const [unit, size] = units.find(([, each]) => duration >= 2 * each) ?? (["seconds", 1_000] as const);
  return `${numberText(duration / size)} ${unit}`;
};

const shortTime = (time: string) => `${time.slice(0, 16).replace("T", " ")} UTC`;

/** How many names of rules are shown. */
const mostNames = 30;

const namesOf = (names: readonly string[]): readonly string[] =>
  names.length <= mostNames
    ? names
    : [...names.slice(0, mostNames), `… and ${numberText(names.length - mostNames)} more`];

/** Names, as many on a line as fit. */
const list = (names: readonly string[], { width }: Page): readonly string[] => {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length + 2 <= width - 1) lines[lines.length - 1] = `${last}, ${name}`;
    else lines.push(`  ${name}`);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line},` : line));
};

/** Whether the section of a rule shows a note. */
const isShown = (note: string): boolean =>
  [exceptedBy, expiredException, ...heldBack].some((start) => note.startsWith(start));

/** Whether rules of a type compare events with a history. */
const learns = (type: string): boolean => ruleTypes.some((known) => known.name === type && known.learns);

/** What a reader must know to trust the numbers. */
const caveats = (document: BacktestDocument, page: Page): readonly string[] => {
  const { events, files, dead_letters, notes, logged, since, rules } = document;
  const lines = [
    ...(since === null && rules.some(({ alerts, type }) => alerts > 0 && learns(type))
      ? [
          "The history was empty at the start, so rules about what is new raise more alerts in the first days. With --since TIME, earlier events only fill the history.",
        ]
      : []),
    ...(events.untimed > 0
      ? [
          `${countText(events.untimed, "event")} had no usable time, and got the time of the event before. To name the field with the time, use --time FIELD.`,
        ]
      : []),
    ...(events.latest_ms > 60_000
      ? [
          `${countText(events.late, "event")} came out of order, up to ${lateText(events.latest_ms)} late; they count at the time of the event before.`,
        ]
      : []),
    ...files.unread.map(({ path, why }) => `"${printable(path)}" was not read to its end: ${printable(why)}.`),
    ...dead_letters.map(
      ({ component, reason, events: count, message }) =>
        `${countText(count, "event")} went to the dead letter of "${component}" as ${reason}${message === null ? "" : `: ${shortened(printable(message), 100)}`}`,
    ),
    ...Object.entries(notes).flatMap(([component, counts]) =>
      Object.entries(counts)
        .filter(([note]) => !isShown(note))
        .map(
          ([note, count]) =>
            `"${component}" noted ${printable(note)} ${count === 1 ? "once" : `${numberText(count)} times`}.`,
        ),
    ),
    ...logged.map((line) => shortened(printable(line), 300)),
  ];
  if (lines.length === 0) return [];
  return ["", page.bold("To know"), ...lines.flatMap((line) => page.wrapped(line))];
};
