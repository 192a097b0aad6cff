import { parseJson } from "../parse-json.ts";
import type { Component, Topology } from "../topology/topology.ts";
import type { Change } from "./changes.ts";
import type { Explanation } from "./explain.ts";
import type { Story } from "./journal.ts";
import type { SeenStep, SentEvent, Visit } from "./visit.ts";

/** The form of `--json`; docs/explain.md describes it. */
export const documentOf = ({ stories, left, logged, failure }: Explanation, { components }: Topology) => {
  const known = new Map(components.map((component) => [component.id, component]));
  return {
    version: 1,
    events: stories.map((story) => storyOf(story, known)),
    not_shown: left,
    logged,
    ...(failure !== undefined && { failure }),
  };
};

const storyOf = ({ id, made, json, undecoded, visits, arrived }: Story, known: ReadonlyMap<string, Component>) => ({
  id,
  ...(made && { made: { by: made.by, at: timeText(made.at) } }),
  ...(json !== undefined && { data: parseJson(json) }),
  ...(undecoded && {
    undecoded: { source: undecoded.source, reason: undecoded.reason, message: undecoded.message },
  }),
  components: visits.map((visit) => visitOf(visit, known.get(visit.component))),
  delivered: arrived.map(({ sink, id, json }) => ({ sink, id, data: parseJson(json) })),
});

const visitOf = (visit: Visit, component: Component | undefined) => {
  const { id, steps, sent, rejected, failure, consumed, dropped, made, notes, hasWritten, wake } = visit;
  return {
    component: visit.component,
    type: component?.plugin.name,
    id,
    steps: steps.map(stepOf),
    sent: sent.map(sentOf),
    rejected,
    ...(failure && { failed: { reason: failure.reason, message: failure.message } }),
    ...(consumed !== undefined && { consumed }),
    ...(dropped !== undefined && { dropped }),
    made,
    notes,
    keeps_state: hasWritten,
    ...(wake !== undefined && { next_tick: timeText(wake) }),
    ...(visit.laterSteps.length > 0 && {
      later: visit.laterSteps.map(({ at, title, outcome, depth }) => ({
        at: timeText(at),
        title,
        ...(outcome !== undefined && { outcome }),
        depth,
      })),
    }),
  };
};

const stepOf = ({ title, outcome, depth, changes }: SeenStep) => ({
  title,
  ...(outcome !== undefined && { outcome }),
  depth,
  changes: changes.map(changeOf),
});

const sentOf = ({ id, output, changes }: SentEvent) => ({
  id,
  output: output ?? "default",
  changes: changes.map(changeOf),
});

const changeOf = ({ field, before, after }: Change) => ({
  field,
  ...(before !== undefined && { before: parseJson(before) }),
  ...(after !== undefined && { after: parseJson(after) }),
});

/** A time in ISO 8601; for one that no date can have, the number. */
export const timeText = (time: number): string =>
  Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
