import { parseJson } from "../parse-json.ts";
import type { DeadLetter } from "../runtime/dead-letters/letter-files.ts";
import { printable, shortened } from "../text.ts";
import type { Terminal } from "./terminal.ts";

const columns = ["ID", "TIME", "COMPONENT", "REASON", "TRIES", "MESSAGE"] as const;
/** Letters are printed one by one as they are read, so the widths are fixed. */
const widths = [12, 20, 14, 18, 5];

const line = (cells: readonly string[], width: number): string => {
  const padded = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return `${shortened(padded.trimEnd(), width)}\n`;
};

export const letterTitle = line(columns, 120);

/** One letter on one line, cut to the width of the terminal. */
export const rowOf = ({ id, head }: DeadLetter, { width, color }: Terminal): string => {
  const { time, component, reason, attempts, message } = head;
  const cells = [id, timeText(time).replace(/\.\d+Z$/, "Z"), component, reason, String(attempts), message];
  return line(cells.map(printable), color.out ? width : Number.POSITIVE_INFINITY);
};

/** A letter as JSON: its metadata, and its event or raw record. */
export const letterValue = ({ id, head, data, marked }: DeadLetter) => {
  const { id: event_id, component, reason, message, time, attempts, source, stream, position, ingested } = head;
  return {
    id,
    time: timeText(time),
    component,
    reason,
    message,
    attempts,
    ...(marked ? { to_be_replayed: true } : {}),
    event_id,
    source,
    stream,
    position,
    ...(head.encoding && { encoding: head.encoding }),
    ingested: timeText(ingested),
    data: parseJson(data),
  };
};

/** A letter for people, on several lines. */
export const letterText = (letter: DeadLetter): string => {
  const { data, ...known } = letterValue(letter);
  const facts = Object.entries(known).map(([name, value]) => `${name.padEnd(15)} ${printable(String(value))}\n`);
  const { raw } = data as { raw?: unknown };
  // A record that could not be decoded is shown as it is, line by line.
  const body = typeof raw === "string" ? raw : JSON.stringify(data, null, 2);
  return `${facts.join("")}\n${body.split("\n").map(printable).join("\n")}\n`;
};

const timeText = (time: number): string => (time > 0 ? new Date(time).toISOString() : "unknown");
