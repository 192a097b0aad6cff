import type { OutboxStatus, RunningStatus } from "../control/control.ts";
import type { ComponentStats } from "../runtime/stats.ts";
import { deadLetterOutbox } from "../storage/dead-letter-index.ts";
import { bytesText, printable, shortened, tableText } from "../text.ts";
import { ageText } from "./age-text.ts";

/** The status of a running weir at a moment. */
export interface TopSample {
  readonly status: RunningStatus;
  /** Milliseconds of a monotonic clock. */
  readonly at: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Where it is shown. */
export interface TopView {
  readonly width: number;
  /** The most lines; unlimited if there is no screen. */
  readonly height?: number | undefined;
  readonly color: boolean;
}

/** What changed between two samples, as lines for people: the state of the run, then a table of its components. */
export const topText = (before: TopSample, sample: TopSample, { width, height, color }: TopView): readonly string[] => {
  const lines = [...headOf(sample), ""];
  const paint = (text: string, code: number) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const [title, ...rows] = componentTable(before, sample, width);
  const room = height === undefined ? rows.length : Math.max(1, height - lines.length - 1);
  const shown = rows.length > room ? rows.slice(0, room - 1) : rows;
  const more = rows.length > room ? [`… and ${rows.length - shown.length} more`] : [];
  const isReady = Object.keys(sample.status.not_ready).length === 0;
  return [
    ...lines.map((line, index) => {
      const text = shortened(line, width);
      return index === 1 ? paint(text, isReady ? 32 : 33) : text;
    }),
    paint(shortened(title!, width), 1),
    ...[...shown, ...more].map((row) => shortened(row, width)),
  ];
};

const headOf = ({ status, now }: TopSample): readonly string[] => {
  const { version, pid, phase, uptime_seconds, memory_bytes, not_ready, outboxes } = status;
  const time = new Date(now).toISOString().slice(0, 19);
  const reasons = Object.entries(not_ready);
  const [first] = reasons;
  const letters = outboxes.find(({ name }) => name === deadLetterOutbox);
  return [
    `weir ${version}, process ${pid}, ${phase} for ${ageText(uptime_seconds)}, memory ${bytesText(memory_bytes)}, ${time}Z`,
    first
      ? `not ready: ${printable(first.join(": "))}${reasons.length > 1 ? `, and ${reasons.length - 1} more (weir status)` : ""}`
      : "ready",
    ...(letters && letters.bytes > 0
      ? [`dead letters: ${bytesText(letters.bytes)}, the oldest ${lagOf(letters, now)} old`]
      : []),
  ];
};

/** A column, with how much it matters: on a narrow terminal, columns with a low rank are left out first. */
interface Column {
  readonly title: string;
  readonly rank: number;
  cell(row: Row): string;
}

interface Row {
  readonly id: string;
  readonly stats: ComponentStats;
  /** What a counter has grown in a second. */
  rate(count: (stats: ComponentStats) => number): number;
  readonly outbox: OutboxStatus | undefined;
  readonly now: number;
}

const orNothing = (count: number): string => (count === 0 ? "" : String(count));

const columns: readonly Column[] = [
  { title: "COMPONENT", rank: 10, cell: ({ id }) => printable(id) },
  { title: "TYPE", rank: 0, cell: ({ stats: { kind, type } }) => printable(`${kind} ${type}`) },
  { title: "IN/S", rank: 9, cell: ({ rate }) => rateText(rate((stats) => stats.component_received_events_total)) },
  { title: "OUT/S", rank: 8, cell: ({ rate }) => rateText(rate((stats) => stats.component_sent_events_total)) },
  {
    title: "BYTES/S",
    rank: 3,
    cell: ({ stats, rate }) =>
      stats.kind === "source" ? bytesText(Math.round(rate((one) => one.component_received_bytes_total))) : "",
  },
  { title: "READ", rank: 2.5, cell: ({ stats }) => readText(stats) },
  { title: "IN FLIGHT", rank: 2, cell: ({ stats }) => orNothing(stats.component_in_flight_events) },
  { title: "DEAD LETTERS", rank: 7, cell: ({ stats }) => orNothing(sum(stats.component_dead_letter_events_total)) },
  { title: "RETRIES", rank: 4, cell: ({ stats }) => orNothing(stats.component_retries_total) },
  { title: "OUTBOX", rank: 5, cell: ({ outbox }) => (outbox && outbox.bytes > 0 ? bytesText(outbox.bytes) : "") },
  { title: "LAG", rank: 6, cell: ({ outbox, now }) => (outbox ? lagOf(outbox, now) : "") },
  { title: "STATE", rank: 1, cell: ({ stats }) => stateText(stats) },
];

const componentTable = (before: TopSample, sample: TopSample, width: number): readonly string[] => {
  const { status, at, now } = sample;
  const seconds = Math.max(0.001, (at - before.at) / 1000);
  const rows = Object.entries(status.components).map(([id, stats]): Row => {
    const earlier = before.status.components[id];
    const outbox = status.outboxes.find(({ name }) => name === id);
    return {
      id,
      stats,
      outbox,
      now,
      rate: (count) => (earlier ? Math.max(0, count(stats) - count(earlier)) / seconds : 0),
    };
  });
  const fitted = (kept: readonly Column[]): readonly string[] => {
    const table = [kept.map(({ title }) => title), ...rows.map((row) => kept.map(({ cell }) => cell(row)))];
    const right = new Set(
      kept.flatMap(({ title }, index) => (title === "COMPONENT" || title === "TYPE" ? [] : [index])),
    );
    const lines = tableText(table, right).trimEnd().split("\n");
    if (kept.length <= 2 || Math.max(...lines.map(({ length }) => length)) <= width) return lines;
    const least = Math.min(...kept.map(({ rank }) => rank));
    return fitted(kept.filter(({ rank }) => rank > least));
  };
  return fitted(
    columns.filter(({ title, rank, cell }) => rank > 7 || title === "TYPE" || rows.some((row) => cell(row) !== "")),
  );
};

/** How old its oldest event is. */
const lagOf = ({ oldest }: OutboxStatus, now: number): string =>
  oldest === undefined ? "" : ageText((now - Date.parse(oldest)) / 1000);

const stateText = ({ component_state_bytes: bytes, component_state_max_bytes: most }: ComponentStats): string =>
  bytes === undefined || most === undefined ? "" : `${bytesText(bytes)} (${Math.floor((100 * bytes) / most)} %)`;

/** How much a source has read of what it is going to read. */
const readText = ({
  component_progress_bytes: bytes,
  component_progress_total_bytes: total,
}: ComponentStats): string => (bytes === undefined || !total ? "" : `${Math.floor((100 * bytes) / total)} %`);

/** A rate in about four characters: `0.4`, `950`, `12.3k`, `1.2M`. */
export const rateText = (rate: number): string => {
  if (rate === 0) return "0";
  if (rate < 0.05) return "<0.1";
  if (rate < 9.95) return rate.toFixed(1);
  if (rate < 9999.5) return String(Math.round(rate));
  return rate < 999_950 ? `${(rate / 1000).toFixed(1)}k` : `${(rate / 1_000_000).toFixed(1)}M`;
};

const sum = (reasons: Readonly<Record<string, number>>): number =>
  Object.values(reasons).reduce((total, count) => total + count, 0);
