import { isOfBaseline, isOfBaselineOf } from "../../baseline/ids.ts";
import type { Log } from "../../context.ts";
import type { Event } from "../../event.ts";
import { durationText } from "../../option/quantity.ts";
import type { State } from "../../state.ts";
import { counted } from "../../text.ts";
import type { Note } from "../../transform/transform.ts";
import { type EventTime, eventTime, timeText } from "../event-time.ts";
import { addHeld, heldOf, store, type Unlearned } from "./held.ts";
import { decodePeriod, encodePeriod, isLearningAt, type Period, periodAfter, steadyAround } from "./period.ts";

/** What learns: a rule, or a transform that finds new terms. */
export interface Learner {
  /** For people: the name of the rule. */
  readonly name: string;
  /** A learner with another version than before learns again. */
  readonly version: string;
  /** The field with the time of events. */
  readonly timestamp: string;
  /** Only for its learning. */
  readonly state: State;
}

export interface LearningOptions {
  /** The id of the component. */
  readonly id: string;
  /** How long each learner learns, in milliseconds. */
  readonly learnFor: number | undefined;
  /** Only for the learning of the component. */
  readonly state: State;
  readonly log?: Log | undefined;
}

interface Axis {
  readonly timestamp: string;
  readonly timeOf: EventTime;
  readonly learners: ActiveLearner[];
  /** The times from which to which events change nothing. */
  steady: readonly [number, number];
}

/** A learner, and how far it is. */
interface ActiveLearner extends Learner {
  period: Period | undefined;
}

const noTime: Axis["steady"] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

const periodKey = "period";

/**
 * Says which findings of a component raise no alert, because it is still learning what is normal: those in events of its
 * baseline, and those in events from the time of `learnFor` after the first event, on the time axis of the rule, but not after
 * a single event with a wrong time. What it
 * says depends on the events and their order alone. Periods and counts are part of the state.
 */
export class Learning {
  readonly #options: LearningOptions;
  readonly #axes = new Map<string, Axis>();
  readonly #isOwnBaseline: (event: Event) => boolean;
  /** A period was written: it counts only if the event was kept. */
  #isDirty = true;
  #isInBaseline = false;
  #isFullTold = false;

  constructor(options: LearningOptions) {
    this.#options = options;
    this.#isOwnBaseline = isOfBaselineOf(options.id);
  }

  /** Adds something that learns. Call it before the first event. */
  add(learner: Learner): Judge {
    const { timestamp } = learner;
    const axis = this.#axes.get(timestamp) ?? {
      timestamp,
      timeOf: eventTime(timestamp),
      learners: [],
      steady: noTime,
    };
    this.#axes.set(timestamp, axis);
    const active: ActiveLearner = { ...learner, period: undefined };
    axis.learners.push(active);
    const hold = (reason: Unlearned | undefined, count: number, note: Note): Unlearned | undefined => {
      if (reason === undefined) return undefined;
      note(`${reason} ${active.name}`, count);
      addHeld(active.state, reason, count);
      return reason;
    };
    return {
      event: (event, count, note) => hold(this.#reasonFor(event, axis, active), count, note),
      tick: (at, note) => {
        // After a start, a tick can come before the first event.
        if (this.#isDirty) this.#refresh();
        return hold(this.#reasonAt(at, axis, active), 1, note);
      },
    };
  }

  /** Whether an event that nothing is found in can change something: until all periods are over. */
  get needsAll(): boolean {
    if (this.#options.learnFor === undefined) return false;
    if (this.#isDirty) return true;
    return [...this.#axes.values()].some(
      ({ steady: [first, last] }) => first > Number.NEGATIVE_INFINITY || last < Number.POSITIVE_INFINITY,
    );
  }

  /** Takes note of the time of each event of the component, before anything judges it. */
  observe(event: Event): void {
    const { learnFor } = this.#options;
    if (this.#isDirty) this.#refresh();
    const isOwn = this.#isOwnBaseline(event);
    if (this.#isInBaseline && !isOfBaseline(event)) this.#tell("the baseline is learned", "baseline");
    this.#isInBaseline = isOwn;
    for (const axis of this.#axes.values()) {
      const { at, note } = axis.timeOf(event);
      if (note === "untimed") continue;
      if (isOwn) this.#extend(axis, at);
      if (learnFor !== undefined) this.#goOn(axis, at, learnFor);
    }
  }

  #goOn(axis: Axis, at: number, learnFor: number): void {
    const [first, last] = axis.steady;
    if (at >= first && at <= last) return;
    const begun: ActiveLearner[] = [];
    const unsure: ActiveLearner[] = [];
    const ended: ActiveLearner[] = [];
    for (const learner of axis.learners) {
      const { period } = learner;
      const next = periodAfter(period, at, learnFor);
      if (next === period || !this.#write(learner, next)) continue;
      if (!period) begun.push(learner);
      else if (next.isOver) ended.push(learner);
      else if (next.beginnings.length > period.beginnings.length) unsure.push(learner);
    }
    axis.steady = steadyOf(axis, at, learnFor);
    const period = durationText(learnFor);
    if (begun.length > 0)
      this.#options.log?.info(
        `${whoOf(begun)} ${begun.length === 1 ? "learns" : "learn"} for ${period}, until ${timeText(at + learnFor)} by ${axis.timestamp}: findings raise no alert meanwhile, and are counted as learning`,
      );
    if (unsure.length > 0)
      this.#options.log?.info(
        `an event has the time ${timeText(at)} by ${axis.timestamp}, more than ${period} from those before it: for ${whoOf(unsure)} learning begins there if others follow it`,
      );
    if (ended.length > 0) this.#tell(`learning is over for ${counted(ended.length, "rule")}`, "learning", ended);
  }

  #reasonFor(event: Event, axis: Axis, { period }: ActiveLearner): Unlearned | undefined {
    if (this.#isOwnBaseline(event)) return "baseline";
    const { learnFor } = this.#options;
    if (learnFor === undefined) return undefined;
    const { at, note } = axis.timeOf(event);
    // Old events have old times: one without a time belongs to them as long as there are no others.
    if (note === "untimed") return period?.isOver ? undefined : "learning";
    return period && (!period.isOver || isLearningAt(period, at, learnFor)) ? "learning" : undefined;
  }

  #reasonAt(at: number, axis: Axis, { period }: ActiveLearner): Unlearned | undefined {
    const { learnFor, state } = this.#options;
    if (at <= Number(state.get(axis.timestamp) ?? Number.NEGATIVE_INFINITY)) return "baseline";
    return learnFor !== undefined && period && isLearningAt(period, at, learnFor) ? "learning" : undefined;
  }

  /** Keeps the latest time of the baseline: what a tick finds up to then is a finding of the baseline. */
  #extend({ timestamp }: Axis, at: number): void {
    const { state } = this.#options;
    const latest = state.get(timestamp);
    if (latest === undefined || Number(latest) < at) store(state, timestamp, String(at));
  }

  #refresh(): void {
    this.#isDirty = false;
    for (const axis of this.#axes.values()) {
      for (const learner of axis.learners) {
        const text = learner.state.get(periodKey);
        learner.period = text === undefined ? undefined : decodePeriod(text, learner.version);
      }
      axis.steady = noTime;
    }
  }

  /** False if there is no room for it. */
  #write(learner: ActiveLearner, period: Period): boolean {
    this.#isDirty = true;
    const isStored = store(learner.state, periodKey, encodePeriod(period, learner.version));
    if (isStored) learner.period = period;
    else if (!this.#isFullTold)
      this.#options.log?.warn(
        `the state is full: there is no room to remember that "${learner.name}" learns, so what it finds is raised. Allow more with the option "state"`,
      );
    this.#isFullTold ||= !isStored;
    return isStored;
  }

  #tell(what: string, reason: Unlearned, learners?: readonly ActiveLearner[]): void {
    const all = learners ?? [...this.#axes.values()].flatMap((axis) => axis.learners);
    const held = all
      .map((learner) => [learner.name, heldOf(learner.state)[reason]] as const)
      .filter(([, count]) => count > 0)
      .sort(([, a], [, b]) => b - a);
    const total = held.reduce((sum, [, count]) => sum + count, 0);
    const most = held.slice(0, 5).map(([name, count]) => `${count} × ${name}`);
    const rest = held.length > most.length ? [`${counted(held.length - most.length, "more rule")}`] : [];
    const which = total > 0 ? `: ${[...most, ...rest].join(", ")}` : "";
    this.#options.log?.info(`${what}; ${counted(total, "alert")} would have been raised${which}`);
  }
}

/** Judges what a learner found. Returns why it is no alert yet, and counts it by this reason; `undefined`: it is one. */
export interface Judge {
  /** `count` findings in an event. */
  event(event: Event, count: number, note: Note): Unlearned | undefined;
  /** A finding at a time on the rule's axis. */
  tick(at: number, note: Note): Unlearned | undefined;
}

/** The times that change nothing for any learner of the axis. */
const steadyOf = ({ learners }: Axis, at: number, learnFor: number): Axis["steady"] => {
  const all = learners.map(({ period }) => steadyAround(period, at, learnFor));
  return [
    all.reduce((first, [each]) => Math.max(first, each), Number.NEGATIVE_INFINITY),
    all.reduce((last, [, each]) => Math.min(last, each), Number.POSITIVE_INFINITY),
  ];
};

const whoOf = (learners: readonly ActiveLearner[]): string =>
  learners.length === 1 ? `"${learners[0]!.name}"` : counted(learners.length, "rule");
