import { defaultOutput, type Rejection } from "../../../batch.ts";
import { type Event, RecordMeta } from "../../../event.ts";
import { isSetBack } from "../../../ingestion-time.ts";
import { isObject, kindOf } from "../../../json.ts";
import { soundData } from "../../../sound-data.ts";
import { StorageError } from "../../../storage/storage-error.ts";
import { madeId } from "../../../transform/made-id.ts";
import { refusePromise } from "../../../transform/promise.ts";
import { Tally } from "../../../transform/tally.ts";
import type { Keeper, KeepStep, KeepTools, Outputs, Revealed, StepResult, Tick } from "../../../transform/transform.ts";
import type { ComponentState } from "../../state/component-state.ts";
import type { Flight } from "../flight.ts";
import type { Part } from "../gate.ts";
import { Ahead, type AheadOptions } from "./ahead.ts";
import { checkJson } from "./check-json.ts";
import { Stage, type StageOptions } from "./stage.ts";

export interface KeepStageOptions extends StageOptions {
  readonly state: ComponentState;
  /** Called when the time of the next wake has changed. */
  readonly onWake: () => void;
  /** The latest timestamp before this run, in milliseconds since 1970. */
  readonly latest: number;
  /** For transforms that need something from elsewhere. */
  readonly calling?: Omit<AheadOptions, "ledger" | "get" | "run"> | undefined;
}

/** A tick is full when it has emitted this much, in bytes; `emit` then returns false. Larger ones hold up the others. */
const tickBytes = 512 * 1024;
/** A tick that ignores this, and emits yet another event after this many bytes, ends the run. One event may be as large as it is. */
const tickLimit = 16 * 1024 * 1024;
/** If a tick changes nothing and asks for another at once, that one comes after this time, in milliseconds. */
const pause = 100;

const promised = "the transform returned a promise; keep must be synchronous: make asynchronous calls in each";

/** Runs a stateful transform. Each event has a savepoint: its writes and emitted events are undone if it is rejected. */
export class KeepStage extends Stage {
  readonly #keeper: Keeper;
  readonly #state: ComponentState;
  readonly #onWake: () => void;
  readonly #ahead: Ahead | undefined;
  /** The timestamp of the last batch, or tick with a result. A tick without one is not committed: a crash would forget it. */
  #latest: number;
  /** Whether its last tick was full, so that it may have more to emit. */
  #isFull = false;
  /** What the last tick emitted, if it was full. The next one must not emit it again. */
  #ofFullTick: { readonly ids: ReadonlySet<string>; readonly epoch: number } | undefined;

  constructor(options: KeepStageOptions, step: KeepStep | Keeper) {
    super(options);
    this.#keeper = typeof step === "function" ? { event: step } : step;
    this.#state = options.state;
    this.#onWake = options.onWake;
    this.#latest = options.latest;
    const { ahead } = this.#keeper;
    if (!ahead || !options.calling) return;
    const get: typeof ahead = (events, signal) => ahead.call(this.#keeper, events, signal);
    this.#ahead = new Ahead({ ...options.calling, ledger: options.ledger, get, run: (part) => this.#run(part) });
  }

  /** Events emitted by the current event. They are sent if it is accepted. */
  #emitted: [made: Event, to: string | undefined][] = [];
  #current: Event | undefined;

  readonly #emit = (what: Revealed): void => {
    if (!this.#current) throw emittedLate(this.id);
    const made = this.#made(what, this.#current.meta.ingested);
    if (this.#emitted.some(([other]) => other.meta.id === made.meta.id)) throw emittedTwice(what.id);
    this.#emitted.push([made, what.to]);
  };

  /** Resolves when the transform is ready for events. */
  prepare(): Promise<void> | undefined {
    return this.#keeper.prepare?.();
  }

  get hasTicks(): boolean {
    return this.#keeper.tick !== undefined;
  }

  /** The time for which it wants a tick, in milliseconds since 1970; `undefined` if it wants none. */
  get wake(): number | undefined {
    return this.#state.wake;
  }

  /** Whether its last tick was full, so that it may have more to emit. */
  get isFull(): boolean {
    return this.#isFull;
  }

  override get waitsFor(): string | undefined {
    return this.#ahead?.trouble;
  }

  protected process(part: Part): void {
    if (!this.#ahead) this.#run(part);
    else void this.#ahead.add(part).catch((error) => this.options.fail(this.id, error));
  }

  #run({ flight, events, hasTick }: Part): void {
    const tally = new Tally(this.outputs);
    const wake = this.#state.wake;
    this.#state.begin(flight);
    try {
      this.#followClock(flight, events.length, tally);
      const { mark, epoch } = this.#state;
      const tools: KeepTools = { note: tally.note, emit: this.#emit, mark, epoch };
      // Events may open again what the tick has closed: the same ones may have come once more.
      if (events.length > 0) this.#ofFullTick = undefined;
      for (const event of events) this.#handle(event, tools, tally);
      this.#current = undefined;
      if (hasTick) this.#tick(flight, tally);
    } finally {
      this.#current = undefined;
      this.#state.end();
    }
    this.sendOn(flight, events.length, tally);
    if (this.#state.wake !== wake) this.#onWake();
  }

  #handle(event: Event, tools: KeepTools, tally: Tally): void {
    this.#current = event;
    let result: StepResult;
    try {
      result = refusePromise(this.#keeper.event(event, tools), promised);
      if (!this.options.isTrusted) checkJson(result);
    } catch (error) {
      this.#state.undo();
      this.#emitted = [];
      // The next events would fail as well: the dead letter is for what is wrong with an event.
      if (error instanceof StorageError) throw error;
      tally.reject(event, error);
      return;
    }
    const own = typeof result === "string" ? undefined : rejectionOf(event, result);
    if (tally.add(event, own ? { rejected: [own] } : result) && !own) {
      this.#state.keep();
      for (const [made, to] of this.#emitted) tally.emit(made, to);
    } else this.#state.undo();
    if (this.#emitted.length > 0) this.#emitted = [];
  }

  #tick({ tick }: Flight, tally: Tally): void {
    const { now, final, idle } = tick!;
    const before = tally.emitted;
    this.#state.beginTick(final ? Number.POSITIVE_INFINITY : now);
    const isFull = this.#ask({ now, final, idle: idle(this.id) }, tally);
    const hasResult = this.#state.hasWritten || tally.emitted > before;
    if (hasResult) this.#latest = now;
    this.#state.keepTick(hasResult ? now : undefined);
    if (hasResult && final) this.#state.beginEpoch();
    if (isFull) this.#state.wakeAgain(now);
    else if (!hasResult) this.#state.rest(now, now + pause);
  }

  /** If the clock was set back, ends the epoch: a final tick emits all open windows. */
  #followClock({ admission, tick }: Flight, events: number, tally: Tally): void {
    const stamp = tick?.now ?? admission.ingested;
    if (stamp === 0) return;
    const { mark } = this.#state;
    const last = Math.max(mark, this.#latest);
    if (!tick || events > 0) this.#latest = stamp;
    if (!(stamp < mark || isSetBack(stamp, last)) || !this.#keeper.tick) return;
    this.#latest = stamp;
    // All in this batch, however much it is, because the next event belongs to the new epoch.
    for (let isFull = true; isFull; ) {
      this.#state.beginTick(Number.POSITIVE_INFINITY);
      isFull = this.#ask({ now: last, final: true, idle: 0 }, tally);
      this.#state.keepTick(last);
    }
    this.#state.beginEpoch();
    // A wake from the old epoch may be far in the future of the new one.
    if (this.#state.wake !== undefined) this.#state.wakeAgain(stamp);
  }

  /** Runs a tick. Returns whether it was full. */
  #ask(time: Pick<Tick, "now" | "final" | "idle">, tally: Tally): boolean {
    let bytes = 0;
    let isOver = false;
    const ids = new Set<string>();
    const emit = (what: Revealed): boolean => {
      if (isOver) throw emittedLate(this.id);
      tally.emit(this.#made(what, time.now), what.to);
      if (this.#ofFullTick?.ids.has(what.id))
        throw new Error(
          `a tick emitted "${what.id}", which the previous tick already emitted; record progress in state, so that the next tick continues from there`,
        );
      if (ids.has(what.id)) throw emittedTwice(what.id);
      ids.add(what.id);
      if (bytes > tickLimit)
        throw new Error(
          `one tick emitted more than ${tickLimit} bytes; return when emit returns false: the next tick comes at once`,
        );
      bytes += JSON.stringify(what.data).length;
      return bytes < tickBytes;
    };
    const answer: unknown = this.#keeper.tick!({ ...time, epoch: this.#state.epoch, note: tally.note, emit });
    isOver = true;
    refusePromise(answer, "tick returned a promise; keep must be synchronous: make asynchronous calls in each");
    this.#isFull = bytes >= tickBytes;
    this.#ofFullTick = this.#isFull ? { ids, epoch: this.#state.epoch } : undefined;
    return this.#isFull;
  }

  /** Makes an event from state. Its id consists of the component, the epoch, and the id from the component. */
  #made(what: Revealed, now: number): Event {
    if (!isObject(what)) throw new TypeError(`emit got ${kindOf(what)}; it takes an object with "id" and "data"`);
    const { id, data, at, to = defaultOutput } = what as Revealed;
    if (typeof id !== "string" || id === "")
      throw new TypeError('emit got no "id"; it takes a non-empty string that identifies the event');
    if (!isObject(data)) throw new TypeError(`emit got ${kindOf(data)} as "data"; it takes an object`);
    if (to !== defaultOutput && !this.outputs.has(to))
      throw new Error(`emit got the output "${to}", which "outputs" does not declare`);
    const flaw = this.options.isTrusted ? undefined : soundData(data);
    if (flaw !== undefined) throw new TypeError(`emit got data that JSON cannot carry: ${flaw}`);
    if (at !== undefined && !Number.isFinite(at))
      throw new TypeError(`emit takes a time in milliseconds since 1970 as "at", not ${at}`);
    const name = madeId(this.id, this.#state.epoch, id);
    // Nothing is stamped later than now: transforms behind this one rely on it.
    return { data, meta: new RecordMeta(this.id, "state", 0, Math.min(at ?? now, now), name) };
  }
}

const emittedLate = (id: string) =>
  new Error(`"${id}" called emit outside an event or tick; call it only while handling one`);

const emittedTwice = (id: string) =>
  new Error(`emit got the id "${id}" twice; give each emitted event its own id, such as a key and a window`);

/** The rejection of the event itself, if the result contains one. The rest of the result is then ignored. */
const rejectionOf = (event: Event, outcome: StepResult): Rejection | undefined => {
  const rejected: unknown = isObject(outcome) ? (outcome as Outputs).rejected : undefined;
  return Array.isArray(rejected) ? rejected.find((part) => part?.event?.meta === event.meta) : undefined;
};
