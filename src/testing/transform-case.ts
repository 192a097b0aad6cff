import { deepStrictEqual, fail } from "node:assert/strict";
import { defaultOutput, type Rejection } from "../batch.ts";
import type { Event, Meta } from "../event.ts";
import { type Data, isObject } from "../json.ts";
import { parseJson } from "../parse-json.ts";
import { isEvent } from "../transform/lineage.ts";
import { frozen, testEvent } from "./event.ts";
import type { CaseTick } from "./keep-run.ts";

/** Events for a transform, and the expected result. */
export interface TransformCase {
  readonly name: string;
  /** The decoded options: a duration is a number of milliseconds. */
  readonly config?: Readonly<Record<string, unknown>>;
  /**
   * Data of events, events made by `testEvent`, and for `keep` also ticks, `{ tick: now }`, in this order. A tick comes
   * only if the transform has requested one for that time or earlier.
   */
  readonly input: readonly (Data | Event | CaseTick)[];
  /** The data of the events sent: a list for the default output, or lists by output. */
  readonly output: readonly Data[] | Readonly<Record<string, readonly Data[]>>;
  /** How many events end here, by reason; not compared unless given. */
  readonly consumed?: Readonly<Record<string, number>>;
  readonly dropped?: Readonly<Record<string, number>>;
  /** How many events go to the dead letter, by reason; none unless given. */
  readonly rejected?: Readonly<Record<string, number>>;
}

/** The result of running a case. */
export interface CaseResult {
  readonly sent: readonly { readonly output: string; readonly event: Event }[];
  readonly rejected: readonly Rejection[];
  readonly consumed: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
}

/** Throws unless the result is as the case expects; an operator may change the order within a batch. */
export const compareCase = (one: TransformCase, result: CaseResult, order: "in order" | "in any order"): void => {
  const { output, consumed, dropped, rejected = {} } = one;
  const expected = Array.isArray(output) ? { [defaultOutput]: output } : (output as Record<string, readonly Data[]>);
  const messages = result.rejected.map(({ event, reason, message }) => `${event.meta.id} ${reason}: ${message}`);
  deepStrictEqual(
    countReasons(result.rejected.map(({ reason }) => reason)),
    rejected,
    `rejected: ${messages.join("; ")}`,
  );
  const twice = sameIds(result);
  if (twice !== undefined) fail(`two events have the id "${twice}"; give each its own: withData(event, data, id)`);
  const lists: Record<string, Data[]> = Object.fromEntries(Object.keys(expected).map((name) => [name, []]));
  for (const { output: name, event } of result.sent) {
    lists[name] ??= [];
    lists[name].push(event.data);
  }
  const ordered = (all: Readonly<Record<string, readonly Data[]>>) =>
    Object.fromEntries(
      Object.entries(all).map(([name, list]) => [name, order === "in order" ? asJson(list) : sorted(list)]),
    );
  deepStrictEqual(ordered(lists), ordered(expected));
  if (consumed) deepStrictEqual(result.consumed, consumed, "consumed");
  if (dropped) deepStrictEqual(result.dropped, dropped, "dropped");
};

/** An id that several events have that were made from one. */
const sameIds = ({ sent }: CaseResult): string | undefined => {
  const made = sent.map(({ event }) => event.meta).filter(({ parent }) => parent !== undefined);
  const seen = new Map<string, Meta>();
  for (const meta of new Set(made)) {
    const other = seen.get(meta.id);
    if (other && other.parent === meta.parent) return meta.id;
    seen.set(meta.id, meta);
  }
  return undefined;
};

const sorted = (list: readonly Data[]) =>
  list.map((data) => [JSON.stringify(data), asJson(data)] as const).sort(([a], [b]) => (a < b ? -1 : 1));

const asJson = (value: unknown): unknown => parseJson(JSON.stringify(value));

/** A deep copy, in which an `ExactNumber` stays one. */
const copied = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copied);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copied(member)]));
};

/** How often each reason occurs. */
export const countReasons = (reasons: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
};

type Step = Event | CaseTick;

export const isTick = (step: Data | Event | CaseTick): step is CaseTick =>
  "tick" in step && typeof step.tick === "number" && Object.keys(step).every((key) => tickKeys.has(key));
const tickKeys = new Set(["tick", "idle", "final"]);

/** The steps of a case; bare data gets an id from its position. */
const stepsOf = ({ input }: TransformCase): readonly Step[] =>
  input.map((step, index) => {
    if (isTick(step)) return step;
    if (isEvent(step)) return { data: frozen(step.data), meta: step.meta };
    return testEvent(frozen(copied(step) as Data), { id: `test/stream@${index}` });
  });

export const eventsOf = (one: TransformCase): readonly Event[] => {
  const steps = stepsOf(one);
  const events = steps.filter((step) => isEvent(step));
  if (events.length < steps.length) fail("the case has a tick, but only transforms with keep get ticks");
  return events;
};

/** The steps of a case in parts: batches and single ticks. Events of one reading have the same timestamp. */
export const partsOf = (one: TransformCase): readonly (readonly Event[] | CaseTick)[] => {
  const parts: (Event[] | CaseTick)[] = [];
  for (const step of stepsOf(one)) {
    const last = parts.at(-1);
    if (isTick(step)) parts.push(step);
    else if (Array.isArray(last) && last[0]!.meta.ingested === step.meta.ingested) last.push(step);
    else parts.push([step]);
  }
  return parts;
};

/** For comparison: ids and data, in order. */
export const comparable = ({ sent, rejected, consumed, dropped }: CaseResult) => ({
  sent: sent.map(({ output, event }) => `${output} ${event.meta.id} ${JSON.stringify(event.data)}`),
  rejected: rejected.map(({ event, reason }) => `${event.meta.id} ${reason}`),
  consumed,
  dropped,
});
