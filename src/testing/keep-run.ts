import { defaultOutput } from "../batch.ts";
import type { Event } from "../event.ts";
import { compareKeys } from "../ordered-keys.ts";
import type { Flight } from "../runtime/flow/flight.ts";
import { Group } from "../runtime/flow/group.ts";
import { Outlet } from "../runtime/flow/outlets.ts";
import { KeepStage } from "../runtime/flow/stages/keep-stage.ts";
import { StateStore } from "../runtime/state/state-store.ts";
import type { State } from "../state.ts";
import type { KeeperChange } from "../storage/database.ts";
import type { StateRange, StateReader } from "../storage/reader.ts";
import { Ledger } from "../telemetry/ledger.ts";
import type { Keeper, KeepStep } from "../transform/transform.ts";
import { virtualClock } from "./clock.ts";

/** A tick in a case; see `Tick`. */
export interface CaseTick {
  /** Its time, in milliseconds since 1970. */
  readonly tick: number;
  readonly idle?: number;
  readonly final?: boolean;
}

export interface KeepResult {
  readonly sent: readonly { readonly output: string; readonly event: Event }[];
  readonly rejected: readonly { readonly event: Event; readonly reason: string; readonly message: string }[];
  readonly consumed: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
}

export interface KeepRunOptions {
  readonly id: string;
  readonly outputs: readonly string[];
  /** Builds the step again on its state. */
  readonly build: (state: State) => KeepStep | Keeper;
  /** Where its state is committed to; by default it is kept in memory. */
  readonly committed?: CommittedState;
}

/** What is committed. */
export interface CommittedState extends StateReader {
  readonly saved: {
    readonly swept: ReadonlyMap<string, number>;
    readonly keepers: ReadonlyMap<string, KeeperChange>;
    /** The latest timestamp, in milliseconds since 1970; 0 if there is none. */
    readonly ingested: number;
  };
  commit(flight: Flight): void;
}

/** Runs a stateful transform on the runtime's own stage and state, with the committed entries in memory. */
export class KeepRun {
  readonly #options: KeepRunOptions;
  readonly #committed: CommittedState;
  readonly #sent: KeepResult["sent"][number][] = [];
  readonly #rejected: KeepResult["rejected"][number][] = [];
  readonly #ledger = new Ledger();
  #group!: Group;
  #store!: StateStore;
  #stage!: KeepStage;
  #next = 1;

  constructor(options: KeepRunOptions) {
    this.#options = options;
    this.#committed = options.committed ?? new CommittedInMemory();
    this.restart();
  }

  /** Starts again with what is committed, and nothing else. */
  restart(): void {
    const { id, outputs, build } = this.#options;
    this.#group = new Group(virtualClock(), Number.POSITIVE_INFINITY, () => undefined, this.#next);
    this.#store = new StateStore({ reader: this.#committed, ...this.#committed.saved, cached: 1_000 });
    const state = this.#store.for(id);
    const options = {
      id,
      outputs,
      group: this.#group,
      ledger: this.#ledger,
      dropOutputs: [],
      isTrusted: false,
      reject: (_flight: Flight, _id: string, parts: KeepResult["rejected"]) => void this.#rejected.push(...parts),
      fail: (_id: string, error: unknown) => {
        throw error;
      },
      onIdle: () => undefined,
      onWake: () => undefined,
      latest: this.#committed.saved.ingested,
    };
    this.#stage = new KeepStage({ ...options, state }, build(state.state));
    for (const output of [defaultOutput, ...outputs]) this.#listen(output);
  }

  #listen(output: string): void {
    const receive = (flight: Flight, _input: number, events: readonly Event[]) => {
      this.#sent.push(...events.map((event) => ({ output, event })));
      this.#group.release(flight);
    };
    this.#stage.outlets.at(output === defaultOutput ? undefined : output).add({ receive }, 0);
  }

  /** Handles one batch and commits it. All of its events have the same timestamp, like those of one reading. */
  batch(events: readonly Event[]): void {
    this.#admit(events, events[0]?.meta.ingested ?? 0);
  }

  /** Handles the ticks that the host sends at that time: none if the transform did not request one. */
  tick({ tick, idle = 0, final = false }: CaseTick): void {
    let isFirst = true;
    const isDue = () => {
      const { wake, hasTicks } = this.#stage;
      return hasTicks && wake !== undefined && (wake <= tick || (final && isFirst));
    };
    for (; isDue(); isFirst = false) this.oneTick({ tick, idle, final });
  }

  /** One tick, even if it is full and would be followed by another. */
  oneTick({ tick, idle = 0, final = false }: CaseTick): void {
    this.#admit([], tick, { now: tick, final, idle: () => idle });
  }

  #admit(events: readonly Event[], ingested: number, tick?: Flight["tick"]): void {
    const [input, inputs] = tick ? [1, []] : [0, [0]];
    const outlets = new Outlet();
    outlets.add(this.#stage, input);
    const announce = (flight: Flight) => this.#stage.expect(flight, { inputs, width: 1, hasTick: tick !== undefined });
    // A batch is stored as that of a file is: with its place, also if it leaves nothing else.
    const place = { source: "case", stream: "case", checkpoint: { position: this.#next, detail: null } };
    const admission = { checkpoint: tick ? undefined : place, bytes: 0, ingested, settled: undefined };
    this.#group.admit({ id: "case", outlets, announce }, { events, admission, ...(tick && { tick }) });
    this.#next = this.#group.next;
    const flights = this.#group.settledPrefix();
    for (const flight of flights) {
      this.#committed.commit(flight);
      this.#store.committed(flight);
    }
    this.#group.committed(flights);
  }

  get result(): KeepResult {
    const { consumed, dropped } = this.#ledger.counts();
    return { sent: this.#sent, rejected: this.#rejected, consumed, dropped };
  }
}

interface Entry {
  readonly value: string;
  readonly expires: number | undefined;
}

/** What the database would contain. */
class CommittedInMemory implements CommittedState {
  readonly #spaces = new Map<string, Map<string, Entry>>();
  readonly #swept = new Map<string, number>();
  readonly #keepers = new Map<string, KeeperChange>();

  get saved() {
    return { swept: this.#swept, keepers: this.#keepers, ingested: 0 };
  }

  commit({ writes, sweeps, keepers }: Flight): void {
    for (const [name, entries] of writes) {
      const space = this.#spaces.get(name) ?? new Map<string, Entry>();
      this.#spaces.set(name, space);
      for (const [key, { value, expires }] of entries) {
        if (value === undefined) space.delete(key);
        else space.set(key, { value, expires });
      }
    }
    for (const [name, before] of sweeps) {
      this.#swept.set(name, before);
      for (const [key, { expires }] of this.#spaces.get(name) ?? [])
        if (expires !== undefined && expires < before) this.#spaces.get(name)!.delete(key);
    }
    for (const [id, keeper] of keepers) this.#keepers.set(id, keeper);
  }

  state(space: string, key: string): Entry | undefined {
    return this.#spaces.get(space)?.get(key);
  }

  scanState(space: string, { prefix, after, limit }: StateRange): readonly (readonly [string, Entry])[] {
    return [...(this.#spaces.get(space) ?? [])]
      .filter(([key]) => key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0))
      .sort(([a], [b]) => compareKeys(a, b))
      .slice(0, limit);
  }

  stateBytes(component: string): number {
    let bytes = 0;
    for (const [name, space] of this.#spaces)
      if (name === component || name.startsWith(`${component}/`))
        for (const [key, { value }] of space) bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
    return bytes;
  }

  *expiringState(component: string, from: number, before: number): Generator<{ key: string; size: number }> {
    for (const [key, { value, expires }] of this.#spaces.get(component) ?? [])
      if (expires !== undefined && expires >= from && expires < before)
        yield { key, size: Buffer.byteLength(key) + Buffer.byteLength(value) };
  }
}
