import { parseJson } from "../../parse-json.ts";
import { counted, printable } from "../../text.ts";
import type { Component, Topology } from "../../topology/topology.ts";
import { changesBetween, leavesOf } from "../changes.ts";
import { timeText } from "../document.ts";
import type { Explanation } from "../explain.ts";
import type { Arrived, Story } from "../journal.ts";
import { changeLines } from "./changes-text.ts";
import { type Paint, paintFor } from "./paint.ts";
import { visitLines } from "./visit-text.ts";

interface Telling {
  readonly topology: Topology;
  readonly paint: Paint;
  /** When the input was received, in milliseconds since 1970. */
  readonly at: number;
  /** The component that it entered. */
  readonly into: string;
}

/** What happened, for people: each event on its way from component to component. */
export const explanationText = (
  { stories, left }: Explanation,
  { color, ...rest }: Omit<Telling, "paint"> & { readonly color: boolean },
): string => {
  const telling = { ...rest, paint: paintFor(color) };
  const entered = stories.filter(({ made }) => !made);
  const titleOf = (story: Story): string =>
    story.made
      ? `made by ${story.made.by} at ${timeText(story.made.at)}`
      : `event ${entered.indexOf(story) + 1} of ${entered.length}`;
  const parts = stories.map((story) => `${storyLines(story, titleOf(story), telling).join("\n")}\n`);
  return [...parts, ...(left > 0 ? [`… and ${counted(left, "more event")}, not shown\n`] : [])].join("\n");
};

const storyLines = (story: Story, title: string, telling: Telling): readonly string[] => {
  const { topology, paint } = telling;
  const order = new Map(topology.components.map((component, index) => [component.id, index]));
  const visits = story.visits.toSorted((a, b) => order.get(a.component)! - order.get(b.component)!);
  const part = (id: string, lines: readonly string[]) => [
    "",
    heading(id, telling),
    ...lines.map((line) => `  ${line}`),
  ];
  const { arrived } = story;
  const source = story.made?.by ?? telling.into;
  // An event that enters at a transform or a sink has not come from it.
  const isBegunElsewhere = !story.made && topology.components.find(({ id }) => id === source)?.kind !== "source";
  const end = arrived.length === 0 ? ["", paint.faint("arrives at no sink")] : [];
  return [
    `${paint.title(printable(title))}  ${paint.faint(printable(story.id))}`,
    ...(isBegunElsewhere ? beginning(story, paint).map((line) => `  ${line}`) : part(source, beginning(story, paint))),
    ...visits.flatMap((visit) => part(visit.component, visitLines(visit, telling))),
    ...arrived.flatMap((one) => part(one.sink, arrivalLines(one))),
    ...end,
  ];
};

const heading = (id: string, { topology, paint }: Telling): string => {
  const component = topology.components.find((one: Component) => one.id === id);
  return `${paint.title(printable(id))}${component ? `  ${paint.faint(printable(component.plugin.name))}` : ""}`;
};

/** The event as it enters, or the record that could not be decoded. */
const beginning = ({ json, undecoded }: Story, paint: Paint): readonly string[] => {
  if (undecoded) {
    const record = changeLines(
      changesBetween(new Map(), leavesOf(parseJson(undecoded.json) as object as never)),
      paint,
    );
    return [...record, paint.removed(printable(`rejected: ${undecoded.reason}: ${undecoded.message}`))];
  }
  if (json === undefined) return [paint.removed("its data cannot be shown as JSON")];
  return changeLines(changesBetween(new Map(), leavesOf(parseJson(json) as never)), paint);
};

const arrivalLines = ({ json }: Arrived): readonly string[] =>
  JSON.stringify(parseJson(json), null, 2).split("\n").map(printable);
