import type { Report } from "../../config/report.ts";
import type { Path } from "../../config/source-file.ts";
import { durationText } from "../../option/quantity.ts";
import { didYouMean } from "../../problem.ts";
import { outputReference } from "../../topology/reference.ts";
import type { Component, Topology } from "../../topology/topology.ts";
import { deadLetters, type Expectation, type Send, type Step } from "./test.ts";

/** Reports steps that name what the pipeline does not have, and steps at a time that has passed. */
export const checkSteps = (steps: readonly Step[], topology: Topology, path: Path, report: Report): void => {
  let time = 0;
  let isOver = false;
  for (const [index, step] of steps.entries()) {
    const place = [...path, "steps", index];
    if (step.kind === "advance") time += step.by;
    if (step.at !== undefined) {
      const words: [string, string] = [durationText(step.at), durationText(time)];
      if (step.at < time) report.error("test/time", { path: [...place, "at"] }, words, "Steps are in order of time.");
      else time = step.at;
    }
    const isLooking = step.kind === "expect" && step.at === undefined;
    if (isOver && step.kind !== "restart" && !isLooking)
      report.error("test/ended", { path: place, key: true }, [], afterEnd);
    isOver = step.kind === "end" || (isOver && step.kind !== "restart");
    if (step.kind === "send") checkSend(step, topology, place, report);
    if (step.kind === "expect") checkFrom(step, topology, place, report);
  }
};

const afterEnd = 'Only "expect", without a time, and "restart" can follow.';

const checkSend = ({ into, input }: Send, { components }: Topology, path: Path, report: Report): void => {
  const component = components.find(({ id }) => id === into);
  if (!component) {
    const ids = components.map(({ id }) => id);
    report.error("test/component", { path: [...path, "into"] }, [into], hintFor(into, ids));
  } else if (component.kind !== "source" && !("events" in input)) {
    const what = `"${into}" is a ${component.kind}, which gets events, and no records`;
    report.error("test/input", { path: [...path, "into"] }, [what], 'Write "events", or send them into a source.');
  }
};

const checkFrom = ({ from }: Expectation, { components }: Topology, path: Path, report: Report): void => {
  const names = [...components.flatMap(outputsOf), deadLetters];
  if (names.includes(from)) return;
  const at = { path: [...path, "expect"] };
  const { id, output } = outputReference(from);
  const component = components.find((each) => each.id === id);
  if (!component || output === undefined) report.error("test/component", at, [from], hintFor(from, names));
  else report.error("config/unknown-output", at, [id, output], hintFor(from, outputsOf(component)));
};

/** What an expectation can name of a component. */
const outputsOf = (component: Component): string[] => {
  const { id } = component;
  return component.kind === "transform" ? [id, ...component.host.outputs.map((output) => `${id}.${output}`)] : [id];
};

const hintFor = (name: string, known: readonly string[]): string =>
  didYouMean(name, known) ?? `Available: ${known.slice(0, 20).join(", ")}${known.length > 20 ? ", …" : ""}.`;
