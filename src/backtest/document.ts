import { timeText } from "../detection/event-time.ts";
import { profileException } from "../detection/exceptions/exceptions.ts";
import type { Data } from "../json.ts";
import type { BacktestResult } from "./backtest.ts";
import { type Days, day, type ExceptionFindings, type RuleFindings } from "./findings.ts";
import { literal } from "./staged.ts";
import type { TopValues } from "./top-terms.ts";

/** How many values of a field the document has. */
const mostValues = 10;

/** Alerts of a rule, or of a rule with one of its profiles. */
export interface AlertCounts {
  readonly alerts: number;
  /** On average, over the whole time that counts; of less than a day, all of them. */
  readonly alerts_per_day: number;
  /** The days with alerts, in UTC. */
  readonly days: readonly { readonly day: string; readonly alerts: number }[];
}

export interface RuleReport extends AlertCounts {
  readonly rule: string;
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly severity: string;
  readonly component: string;
  /** Alerts before `since`, which do not count. */
  readonly alerts_before: number;
  readonly suppressed: number;
  readonly capped: number;
  readonly top_terms: readonly FieldReport[];
  readonly exceptions: readonly ({ readonly name: string } & Readonly<ExceptionFindings>)[];
  /** The same rule with each of its profiles; empty if it has none. */
  readonly profiles: readonly ProfileReport[];
}

/** The most frequent values of a field among the alerts. */
export interface FieldReport extends Pick<TopValues, "values" | "distinct"> {
  readonly field: string;
  /** False if there were too many different values to count them all: then the numbers are lower limits. */
  readonly exact: boolean;
}

export interface ProfileReport extends AlertCounts {
  readonly profile: string;
  /** Events that it leaves out, and alerts that it holds back. */
  readonly left_out: number;
  readonly held_back: number;
}

/** What a backtest has found: the form that `--json` prints. */
export interface BacktestDocument {
  readonly pipeline: string;
  readonly source: string;
  readonly files: {
    readonly count: number;
    readonly bytes: number;
    readonly unread: BacktestResult["flaws"]["unread"];
  };
  readonly events: {
    /** Records that became events, and those that did not. */
    readonly read: number;
    readonly undecoded: number;
    /** Those before `since`. */
    readonly before: number;
    readonly first: string | null;
    readonly last: string | null;
    /** Where their times were found. */
    readonly times: Readonly<Record<string, number>>;
    readonly untimed: number;
    readonly late: number;
    readonly latest_ms: number;
  };
  /** The time in which alerts count. */
  readonly since: string | null;
  readonly until: string | null;
  readonly days: number;
  readonly alerts: number;
  readonly rules: readonly RuleReport[];
  /** Events that each sink would have got, also before `since`. */
  readonly sinks: Readonly<Record<string, number>>;
  readonly dead_letters: readonly {
    readonly component: string;
    readonly reason: string;
    readonly events: number;
    readonly message: string | null;
    readonly sample: string | null;
  }[];
  /** What components noted about events, such as `state_full`. */
  readonly notes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly logged: readonly string[];
  readonly seconds: number;
  readonly events_per_second: number;
  readonly bytes_per_second: number;
}

export interface Named {
  readonly pipeline: string;
  readonly source: string;
  readonly files: readonly string[];
  readonly sinks: readonly string[];
}

export const documentOf = (result: BacktestResult, { pipeline, source, files, sinks }: Named): BacktestDocument => {
  const { times, flaws, stats, elapsed, since, until } = result;
  const { components } = stats;
  const read = components[source]!.component_sent_events_total;
  const start = Math.max(since ?? Number.NEGATIVE_INFINITY, times.first ?? 0);
  const days = times.last === undefined ? 0 : Math.max(0, times.last - start) / day;
  const seconds = elapsed / 1000;
  const rules = result.findings.flatMap((findings) => [...findings.rules.values()]);
  const letters = Object.entries(components).flatMap(([component, { component_dead_letter_events_total: counts }]) =>
    Object.entries(counts).map(([reason, events]) => {
      const sample = result.letters.of(component, reason);
      return { component, reason, events, message: sample?.message ?? null, sample: sample?.content ?? null };
    }),
  );
  return {
    pipeline,
    source,
    files: { count: files.length, bytes: result.bytes, unread: flaws.unread },
    events: {
      read,
      undecoded: components[source]!.component_received_events_total - read,
      before: times.earlier,
      first: optionalTime(times.first),
      last: optionalTime(times.last),
      times: Object.fromEntries(times.found),
      untimed: times.untimed,
      late: times.late,
      latest_ms: times.latest,
    },
    since: optionalTime(since),
    until: optionalTime(until),
    days: rounded(days),
    alerts: rules.reduce((sum, { alerts }) => sum + alerts, 0),
    rules: rules.map((rule) => ruleReport(rule, result, days)).sort((a, b) => b.alerts - a.alerts),
    sinks: Object.fromEntries(sinks.map((id) => [id, components[id]!.component_received_events_total])),
    dead_letters: letters.sort((a, b) => b.events - a.events),
    notes: Object.fromEntries(
      Object.entries(components).flatMap(([id, { component_notes_total: all }]) => {
        const { passed_over: _, ...notes } = all;
        return Object.keys(notes).length > 0 ? [[id, notes] as const] : [];
      }),
    ),
    logged: result.logged,
    seconds: rounded(seconds),
    events_per_second: Math.round(read / seconds),
    bytes_per_second: Math.round(components[source]!.component_received_bytes_total / seconds),
  };
};

const ruleReport = (found: RuleFindings, { profiles }: BacktestResult, days: number): RuleReport => {
  const { rule, component } = found;
  return {
    rule: rule.name,
    id: rule.id,
    title: rule.title,
    type: rule.type,
    severity: rule.severity,
    component,
    ...countsOf(found, days),
    alerts_before: found.earlier,
    suppressed: found.suppressed,
    capped: found.capped,
    top_terms: [...found.terms].flatMap(([field, terms]) => {
      const { values, distinct, isExact } = terms.top(mostValues);
      return values.length > 0 ? [{ field, values, distinct, exact: isExact }] : [];
    }),
    exceptions: [...found.exceptions]
      .map(([name, { events, expired, sample }]) => ({ name, events, expired, sample: sample as Data }))
      .sort((a, b) => b.events - a.events),
    profiles: profiles
      .flatMap(({ profile, findings }) => {
        const other = findings.rules.get(rule.id);
        if (!other || other.component !== component) return [];
        const left_out = other.exceptions.get(profileException)?.events ?? 0;
        return [{ profile, ...countsOf(other, days), left_out, held_back: other.suppressed + other.capped }];
      })
      .sort((a, b) => Number(b.profile === literal) - Number(a.profile === literal)),
  };
};

const countsOf = ({ alerts, days: counts }: { readonly alerts: number; readonly days: Days }, days: number) => ({
  alerts,
  alerts_per_day: rounded(alerts / Math.max(1, days)),
  days: [...counts]
    .sort(([a], [b]) => a - b)
    .map(([start, count]) => ({ day: timeText(start).slice(0, 10), alerts: count })),
});

const optionalTime = (at: number | undefined): string | null => (at === undefined ? null : timeText(at));

const rounded = (number: number): number => Math.round(number * 100) / 100;
