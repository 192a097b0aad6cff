import type { SequenceHit } from "../../eql/index.ts";
import type { Reached, SequenceState } from "../../eql/sequence/state.ts";
import { durationText } from "../../option/quantity.ts";
import { counted } from "../../text.ts";
import type { Trace } from "../../transform/trace.ts";
import { timeText } from "../event-time.ts";

/** The state of a sequence's machine, as it was before an event. Its parts are never changed in place. */
export type Snapshot = Pick<SequenceState<number>, "pending" | "waiting">;

export const snapshotOf = ({ pending, waiting }: SequenceState<number>): Snapshot => ({
  pending: new Map(pending),
  waiting: [...waiting],
});

/** What happened when the machine of one key took an event. */
interface Taken {
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly hit: Pick<SequenceHit, "stages" | "isUntil">;
  /** When the event was, in milliseconds since 1970, and its number. */
  readonly time: number;
  readonly reference: number;
  /** Whether it completed a sequence. */
  readonly isComplete: boolean;
  /** How many sequences had waited, and were complete by its time. */
  readonly released: number;
  /** For each stage, whether its event must be missing. */
  readonly missing: readonly boolean[];
  readonly maxspan: number;
  /** The key in words. */
  readonly title: string;
}

/** The values by which events are joined, for people: `user.name "mallory"`. */
export const keyTitle = (by: readonly string[], values: readonly (string | null)[]): string =>
  values.length === 0
    ? "all events together"
    : values.map((value, index) => `${by[index] ?? "key"} ${JSON.stringify(value)}`).join(", ");

/** Says which places of a sequence an event took, what was ended by it or by time, and what is still waited for. */
export const traceTaken = (taken: Taken, trace: Trace): void => {
  const { title } = taken;
  const lines = [...released(taken), ...endedByTime(taken), ...places(taken), ...waitingNow(taken)];
  const [first, ...others] = lines;
  trace({ title, outcome: first ?? "changes nothing" });
  for (const outcome of others) trace({ title: "", outcome, depth: 1 });
};

const beginOf = (events: readonly Reached<number>[]): number => events[0]![0];

const released = ({ released: count }: Taken): readonly string[] =>
  count === 0 ? [] : [`${counted(count, "earlier sequence")} complete: no event came that must be missing`];

const endedByTime = ({ before, time, maxspan }: Taken): readonly string[] => {
  const over = [...before.pending.values()].filter(({ events }) => time - beginOf(events) > maxspan);
  return over.map(
    ({ events }) =>
      `the sequence that began at ${timeText(beginOf(events))} ended at ${timeText(beginOf(events) + maxspan)}: its maxspan of ${durationText(maxspan)} was over`,
  );
};

const places = (taken: Taken): readonly string[] => {
  const { hit, missing } = taken;
  const lines: string[] = [];
  let vain: string | undefined;
  for (const stage of hit.stages.toSorted((a, b) => a - b)) {
    if (missing[stage]) lines.push(asMissing(stage, taken));
    else if (canTake(stage, taken)) lines.push(asPlace(stage, taken));
    else
      vain ??= `could be ${placeOf(stage, taken)}, but no step ${missing.lastIndexOf(false, stage - 1) + 1} came before it`;
  }
  if (lines.length === 0 && vain !== undefined) lines.push(vain);
  return hit.isUntil ? [...lines, untilLine(taken)] : lines;
};

/** Whether an open sequence can go on with an event of the stage, or begin with it. */
const canTake = (stage: number, { before, missing, time, maxspan }: Taken): boolean => {
  if (stage === missing.indexOf(false)) return true;
  const known = before.pending.get(missing.lastIndexOf(false, stage - 1));
  return known !== undefined && time - beginOf(known.events) <= maxspan;
};

const placeOf = (stage: number, { missing }: Pick<Taken, "missing">): string =>
  `step ${stage + 1} of ${missing.length}`;

const asPlace = (stage: number, taken: Taken): string => {
  const { isComplete, missing, after, reference } = taken;
  const place = `is ${placeOf(stage, taken)}`;
  if (stage !== missing.lastIndexOf(false)) return place;
  if (isComplete) return `${place}: the sequence is complete`;
  const waits = after.waiting.find(({ events }) => events.at(-1)?.[1] === reference);
  if (waits) return `${place}; there is an alert if none of the missing events comes until ${timeText(waits.until)}`;
  const isFull = missing.at(-1) ? ", or too many sequences wait" : "";
  return `${place}, but an event came that must be missing${isFull}: no alert`;
};

const asMissing = (stage: number, taken: Taken): string => {
  const { before, after } = taken;
  const ended = before.waiting.length - after.waiting.length;
  const what = `is ${placeOf(stage, taken)}, which must be missing`;
  return stage > taken.missing.lastIndexOf(false) && ended > 0 ? `${what}: ends ${counted(ended, "sequence")}` : what;
};

const untilLine = ({ before, time, maxspan }: Taken): string => {
  const alive = [...before.pending.values()].filter(({ events }) => time - beginOf(events) <= maxspan).length;
  return alive === 0
    ? "is the until event; no sequence was open"
    : `is the until event: it ends ${counted(alive, "open sequence")}`;
};

const waitingNow = ({ after, missing, maxspan }: Taken): readonly string[] =>
  [...after.pending]
    .toSorted(([a], [b]) => a - b)
    .map(([stage, { events, isDoomed }]) => {
      const next = missing.indexOf(false, stage + 1);
      const until = timeText(beginOf(events) + maxspan);
      const waits = `waits for step ${next + 1} of ${missing.length} until ${until}`;
      return isDoomed ? `${waits}, but in vain: an event came that must be missing` : waits;
    });
