import { defaultOutput, type Rejection } from "../../../batch.ts";
import { type Event, RecordEvent, RecordMeta } from "../../../event.ts";
import { isObject, kindOf } from "../../../json.ts";
import { soundData } from "../../../sound-data.ts";
import { isEvent } from "../../../transform/lineage.ts";
import { refusePromise } from "../../../transform/promise.ts";
import { OutcomeFault, Tally } from "../../../transform/tally.ts";
import type { Keeper, KeepStep, KeepTools, Outputs, Revealed, StepResult, Tick } from "../../../transform/transform.ts";
import type { ComponentState } from "../../state/component-state.ts";
import type { Flight } from "../flight.ts";
import type { Part } from "../gate.ts";
import { Stage, type StageOptions } from "./stage.ts";

export interface KeepStageOptions extends StageOptions {
  readonly state: ComponentState;
  /** The time of the next wake has changed. */
  readonly onWake: () => void;
}

/** `emit` returns false once a tick has emitted this much, in bytes. */
const tickBytes = 1024 * 1024;
/** A tick that goes on regardless ends the run at this size. */
const tickLimit = 16 * tickBytes;

const promised = "the transform returned a promise; keep must be synchronous: make asynchronous calls in each";

/** A stateful transform. One event is a savepoint: if it throws, or is rejected, what it wrote and emitted is undone. */
export class KeepStage extends Stage {
  readonly #keeper: Keeper;
  readonly #state: ComponentState;
  readonly #onWake: () => void;
  /** What the last tick emitted, if it was full: the next one goes on after that. */
  #ofFullTick: ReadonlySet<string> | undefined;

  constructor(options: KeepStageOptions, step: KeepStep | Keeper) {
    super(options);
    this.#keeper = typeof step === "function" ? { event: step } : step;
    this.#state = options.state;
    this.#onWake = options.onWake;
  }

  /** Events that the current one emitted; they are sent if it is accepted. */
  readonly #emitted: [made: Event, to: string | undefined][] = [];
  #current: Event | undefined;

  readonly #emit = (what: Revealed): void => {
    if (!this.#current) throw emittedLate(this.id);
    this.#emitted.push([this.#made(what, this.#current.meta.ingested), what.to]);
  };

  get hasTicks(): boolean {
    return this.#keeper.tick !== undefined;
  }

  /** When it wants a tick: milliseconds since 1970 by the host's stamps. */
  get wake(): number | undefined {
    return this.#state.wake;
  }

  /** Its last tick had more to say than one may. */
  get isFull(): boolean {
    return this.#ofFullTick !== undefined;
  }

  protected process({ flight, events, hasTick }: Part): void {
    const tally = new Tally(this.outputs);
    const wake = this.#state.wake;
    this.#state.begin(flight);
    try {
      this.#followClock(flight, tally);
      const { mark, epoch } = this.#state;
      const tools: KeepTools = { note: tally.note, emit: this.#emit, mark, epoch };
      for (const event of events) this.#handle(event, tools, tally);
      if (hasTick) this.#tick(flight, tally);
    } finally {
      this.#state.end();
    }
    this.hand(flight, events.length, tally);
    if (this.#state.wake !== wake) this.#onWake();
  }

  #handle(event: Event, tools: KeepTools, tally: Tally): void {
    this.#current = event;
    let result: StepResult;
    try {
      result = refusePromise(this.#keeper.event(event, tools), promised);
      if (!this.options.isTrusted) mustBeJson(result);
    } catch (error) {
      this.#state.undo();
      this.#emitted.length = 0;
      tally.reject(event, error);
      return;
    } finally {
      this.#current = undefined;
    }
    const own = rejectionOf(event, result);
    if (tally.add(event, own ? { rejected: [own] } : result) && !own) {
      this.#state.keep();
      for (const [made, to] of this.#emitted) tally.emit(made, to);
    } else this.#state.undo();
    this.#emitted.length = 0;
  }

  #tick({ tick }: Flight, tally: Tally): void {
    const { now, final, idle } = tick!;
    const before = tally.emitted;
    this.#state.beginTick(final ? Number.POSITIVE_INFINITY : now);
    const isFull = this.#ask({ now, final, idle: idle(this.id) }, tally);
    const isNews = this.#state.hasWritten || tally.emitted > before;
    this.#state.keepTick(isNews ? now : undefined);
    if (isNews && final) this.#state.beginEpoch();
    if (isFull) this.#state.wakeAgain(now);
  }

  /** If the clock was set back, what is open belongs to an epoch that is over. */
  #followClock({ admission, tick }: Flight, tally: Tally): void {
    const stamp = tick?.now ?? admission.ingested;
    const { mark } = this.#state;
    if (stamp === 0 || stamp >= mark || !this.#keeper.tick) return;
    // In one batch, however much it is: the next event belongs to the new epoch.
    for (let isFull = true; isFull; ) {
      this.#state.beginTick(Number.POSITIVE_INFINITY);
      isFull = this.#ask({ now: mark, final: true, idle: 0 }, tally);
      this.#state.keepTick(mark);
    }
    this.#state.beginEpoch();
    // A time asked for in the old epoch may be far away in this one.
    if (this.#state.wake !== undefined) this.#state.wakeAgain(stamp);
  }

  /** True when the tick has emitted all that one may. */
  #ask(time: Pick<Tick, "now" | "final" | "idle">, tally: Tally): boolean {
    let bytes = 0;
    let isOver = false;
    const ids = new Set<string>();
    const emit = (what: Revealed): boolean => {
      if (isOver) throw emittedLate(this.id);
      tally.emit(this.#made(what, time.now), what.to);
      if (this.#ofFullTick?.has(what.id))
        throw new Error(
          `a tick emitted "${what.id}", which the previous tick already emitted; record progress in state, so that the next tick continues from there`,
        );
      ids.add(what.id);
      bytes += JSON.stringify(what.data).length;
      if (bytes > tickLimit)
        throw new Error(
          `one tick emitted more than ${tickLimit} bytes; return when emit returns false: the next tick comes at once`,
        );
      return bytes < tickBytes;
    };
    const answer: unknown = this.#keeper.tick!({ ...time, epoch: this.#state.epoch, note: tally.note, emit });
    isOver = true;
    refusePromise(answer, "tick returned a promise; keep must be synchronous: make asynchronous calls in each");
    const isFull = bytes >= tickBytes;
    this.#ofFullTick = isFull ? ids : undefined;
    return isFull;
  }

  /** An event that comes out of state: its id follows from the component, its epoch, and what the component calls it. */
  #made(what: Revealed, now: number): Event {
    if (!isObject(what)) throw new TypeError(`emit got ${kindOf(what)}; it takes an object with "id" and "data"`);
    const { id, data, at, to = defaultOutput } = what as Revealed;
    if (typeof id !== "string" || id === "")
      throw new TypeError('emit got no "id"; it takes a non-empty string that identifies the event');
    if (!isObject(data)) throw new TypeError(`emit got ${kindOf(data)} as "data"; it takes an object`);
    if (to !== defaultOutput && !this.outputs.has(to))
      throw new Error(`emit got the output "${to}", which "outputs" does not declare`);
    const name = `${this.id}/${this.#state.epoch}/${id}`;
    return { data, meta: new RecordMeta(this.id, "state", 0, at ?? now, name) };
  }
}

/** Events that JSON cannot carry cost their event here, while its writes can be undone. */
const mustBeJson = (result: StepResult): void => {
  if (typeof result === "string") return;
  for (const event of sentBy(result)) {
    const flaw = isEvent(event) && !(event instanceof RecordEvent) ? soundData(event.data) : undefined;
    if (flaw !== undefined) throw new OutcomeFault(`the transform returned an event that is not JSON: ${flaw}`);
  }
};

const sentBy = (result: unknown): readonly unknown[] => {
  if (isEvent(result)) return [result];
  if (Array.isArray(result)) return result;
  if (!isObject(result)) return [];
  const { events, to } = result as Outputs;
  return [events, ...Object.values(to ?? {})].flat();
};

const emittedLate = (id: string) =>
  new Error(`"${id}" called emit outside an event or tick; call it only while handling one`);

/** The event's own rejection, if its outcome has one: then nothing else of the outcome counts. */
const rejectionOf = (event: Event, outcome: StepResult): Rejection | undefined => {
  const rejected: unknown = isObject(outcome) ? (outcome as Outputs).rejected : undefined;
  return Array.isArray(rejected) ? rejected.find((part) => part?.event?.meta === event.meta) : undefined;
};
