import { durationText } from "../../option/quantity.ts";
import { printable } from "../../text.ts";
import type { Component, Topology } from "../../topology/topology.ts";
import { timeText } from "../document.ts";
import type { SeenStep, SentEvent, Visit } from "../visit.ts";
import { changeLines } from "./changes-text.ts";
import type { Paint } from "./paint.ts";

interface Around {
  readonly topology: Topology;
  readonly paint: Paint;
  /** When the input was received, in milliseconds since 1970. */
  readonly at: number;
}

/** What a transform made of an event: its steps, what it changed, and where the event went. */
export const visitLines = (visit: Visit, around: Around): readonly string[] => {
  const { paint } = around;
  const component = around.topology.components.find(({ id }) => id === visit.component);
  return [
    ...visit.steps.flatMap((step) => stepLines(step, paint)),
    ...visit.sent.flatMap((sent) => sentLines(sent, visit, around)),
    ...visit.rejected.map(({ id, reason, message }) =>
      paint.removed(printable(`rejected${partOf(id, visit)}: ${reason}: ${message}`)),
    ),
    ...(visit.consumed === undefined ? [] : [paint.changed(printable(`ends here: ${visit.consumed}`))]),
    ...(visit.dropped === undefined ? [] : [paint.changed(printable(`dropped: ${visit.dropped}`))]),
    ...failureLines(visit, component, paint),
    ...stateLines(visit, around),
    ...visit.laterSteps.map(({ at, title, outcome = "", depth }) => {
      const line = `${printable(title)}  ${paint.faint(printable(outcome))}`;
      return `${"  ".repeat(Math.min(depth, 8))}${line}${paint.faint(`  at ${timeText(at)}`)}`;
    }),
  ];
};

const stepLines = ({ title, outcome, depth, changes }: SeenStep, paint: Paint): readonly string[] => {
  const indent = "  ".repeat(Math.min(depth, 8));
  const found = outcome ?? (changes.length === 0 ? "unchanged" : undefined);
  const line = `${printable(title)}${found === undefined ? "" : `  ${paint.faint(printable(found))}`}`;
  return [line, ...changeLines(changes, paint).map((change) => `  ${change}`)].map((text) => `${indent}${text}`);
};

const sentLines = (sent: SentEvent, visit: Visit, { topology, paint }: Around): readonly string[] => {
  const name = sent.output === undefined ? visit.component : `${visit.component}.${sent.output}`;
  const readers = topology.components.filter(({ inputs }) => inputs.includes(name)).map(({ id }) => id);
  const where = readers.length > 0 ? `to ${readers.join(", ")}` : "to nobody: drop_outputs discards it";
  const output = sent.output === undefined ? "" : ` output ${sent.output}`;
  const isUntold = visit.steps.length === 0 && sent.changes.length === 0;
  const arrow = isUntold ? `unchanged →${output} ${where}` : `→${output} ${where}`;
  return [...changeLines(sent.rest, paint), paint.name(printable(`${arrow}${partOf(sent.id, visit)}`))];
};

const partOf = (id: string, visit: Visit): string => (id === visit.id ? "" : ` as ${id}`);

const failureLines = ({ failure, sent, rejected }: Visit, component: Component | undefined, paint: Paint) => {
  if (!failure || rejected.length > 0 || sent.length > 0) return [];
  const calling = component?.kind === "transform" ? component.host.calling : undefined;
  const then = calling ? { pass: "; it goes on as it is", wait: "; it is tried again", dead_letter: "" } : undefined;
  return [paint.removed(printable(`failed: ${failure.message}${then && calling ? then[calling.onFailure] : ""}`))];
};

const stateLines = ({ hasWritten, wake, made, notes }: Visit, { paint, at }: Around): readonly string[] => [
  ...notes.map((note) => paint.faint(printable(`counted: ${note}`))),
  ...made.map((id) => paint.name(printable(`→ made from state: ${id}`))),
  ...(hasWritten
    ? [paint.faint(`kept in state${wake === undefined ? "" : `, until ${timeText(wake)}${after(wake - at)}`}`)]
    : []),
];

const after = (ms: number): string => (ms > 0 ? ` (in ${durationText(ms)})` : "");
