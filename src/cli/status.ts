import type { OutboxStatus, RunningStatus, Status, StoppedStatus } from "../control/control.ts";
import type { ComponentStats } from "../runtime/stats.ts";
import { bytesText, counted, printable, tableText } from "../text.ts";
import { ageText } from "./age-text.ts";
import { askControl } from "./ask-control.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface StatusOptions {
  readonly dataDir: string;
  readonly json?: boolean;
}

/** Prints the status of a running weir or, if none runs, what is in its data dir. */
export const status = (options: StatusOptions, terminal: Terminal): Promise<number> =>
  askControl(options.dataDir, terminal, async (control) => {
    const report = await control.status();
    terminal.out(options.json ? `${JSON.stringify(report, null, 2)}\n` : statusText(report, Date.now()));
    return exit.success;
  });

/** `now`: milliseconds since 1970. */
export const statusText = (report: Status, now: number): string =>
  report.phase === "stopped" ? stoppedText(report, now) : runningText(report, now);

const runningText = (report: RunningStatus, now: number): string => {
  const reasons = Object.entries(report.not_ready).map(([id, why]) => `  ${printable(`${id}: ${why}`)}\n`);
  return [
    `weir ${report.version}, process ${report.pid}, ${report.phase} for ${ageText(report.uptime_seconds)}\n`,
    reasons.length > 0 ? `not ready:\n${reasons.join("")}` : "ready\n",
    loadText(report, now),
    `\n${equations(report.components)}`,
    `\n${outboxTable(report.outboxes, now)}`,
    `\n${counted(report.commits_total, "commit")}, ${counted(report.commit_retries_total, "commit retry", "commit retries")}\n`,
  ].join("");
};

/** When the pipeline was loaded, if not at the start, and that its file has errors now. */
const loadText = ({ loaded_at, last_reload: last }: RunningStatus, now: number): string => {
  if (!last) return "";
  const ago = (at: string) => `${ageText((now - Date.parse(at)) / 1000)} ago`;
  const isBad = last.outcome === "invalid" || last.outcome === "failed";
  const failure = isBad ? `the last reload failed (${last.outcome}), ${ago(last.at)}: see the log\n` : "";
  return `pipeline loaded ${ago(loaded_at)}\n${failure}`;
};

const stoppedText = (report: StoppedStatus, now: number): string => {
  const checkpoints = Object.entries(report.checkpoints).map(([id, streams]) => [id, counted(streams, "stream")]);
  const state = Object.entries(report.state).map(([id, { entries, bytes }]) => [
    printable(id),
    counted(entries, "entry", "entries"),
    bytesText(bytes),
  ]);
  return [
    `weir is not running on "${report.data_dir}"\n`,
    `\n${outboxTable(report.outboxes, now)}`,
    checkpoints.length > 0 ? `\ncheckpoints\n${tableText(checkpoints)}` : "",
    state.length > 0 ? `\nstate\n${tableText(state)}` : "",
  ].join("");
};

/** Events in on the left, events out on the right, and what does not balance. */
const equations = (components: RunningStatus["components"]): string => {
  const title = [
    "component",
    "",
    "received",
    "+ created",
    "= sent",
    "+ consumed",
    "+ dropped",
    "+ dead letters",
    "+ in flight",
  ];
  const rows = Object.entries(components).map(([id, counters]) => [
    id,
    `${counters.kind} ${counters.type}`,
    ...[
      counters.component_received_events_total,
      counters.component_created_events_total,
      counters.component_sent_events_total,
      sum(counters.component_consumed_events_total),
      sum(counters.component_dropped_events_total),
      sum(counters.component_dead_letter_events_total),
      counters.component_in_flight_events,
    ].map(String),
  ]);
  const details = Object.entries(components).flatMap(([id, counters]) => detailsOf(id, counters));
  return `${tableText([title, ...rows], new Set([2, 3, 4, 5, 6, 7, 8]))}${details.join("")}`;
};

const detailsOf = (id: string, counters: ComponentStats): string[] => {
  const reasons = (verb: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([reason, count]) => `  ${id}: ${count} ${verb} (${printable(reason)})\n`);
  const outputs = Object.entries(counters.component_sent_events_by_output);
  return [
    ...outputs.map(([output, count]) => `  ${id}: ${count} sent by the output "${printable(output)}"\n`),
    ...reasons("consumed", counters.component_consumed_events_total),
    ...reasons("dropped", counters.component_dropped_events_total),
    ...reasons("to the dead letter", counters.component_dead_letter_events_total),
    ...reasons("noted", counters.component_notes_total),
    ...stateUse(id, counters),
    ...(counters.unbalanced_events === 0 ? [] : [`  ${id}: ${counters.unbalanced_events} NOT ACCOUNTED FOR\n`]),
  ];
};

/** How full its state is, if that is worth knowing. */
const stateUse = (id: string, { component_state_bytes: bytes, component_state_max_bytes: most }: ComponentStats) => {
  if (bytes === undefined || most === undefined || bytes < 0.8 * most) return [];
  return [
    `  ${id}: the state is ${Math.floor((100 * bytes) / most)} % full (${bytesText(bytes)} of ${bytesText(most)})\n`,
  ];
};

const outboxTable = (outboxes: readonly (OutboxStatus & { readonly events?: number })[], now: number): string => {
  if (outboxes.length === 0) return "no outboxes\n";
  const rows = outboxes.map(({ name, bytes, events, oldest }) => [
    name,
    bytesText(bytes),
    ...(events === undefined ? [] : [counted(events, name === "dead_letter" ? "letter" : "event")]),
    oldest === undefined ? "" : `oldest from ${oldest}, ${ageText((now - Date.parse(oldest)) / 1000)} ago`,
  ]);
  return `outboxes\n${tableText(rows, new Set([1]))}`;
};

const sum = (reasons: Readonly<Record<string, number>>): number =>
  Object.values(reasons).reduce((total, count) => total + count, 0);
