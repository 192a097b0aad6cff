import type { CommitRequest } from "../storage/committer.ts";
import type { CommitWriter } from "../storage/writer.ts";
import { appendsOf, changesOf } from "./commit-request.ts";
import type { Outbox } from "./delivery/outbox.ts";
import type { Progressing } from "./delivery/sink-record.ts";
import type { Flight } from "./flow/flight.ts";
import type { Group } from "./flow/group.ts";

/** The content of one commit. A retry sends the same again, without the delivered positions that were committed since. */
export interface Frozen {
  /** Without the frames: `requestOf` joins them for each attempt, because the writer takes them over. */
  readonly changes: Omit<CommitRequest, "appends"> & { delivered: CommitRequest["delivered"] };
  readonly flights: readonly Flight[];
  readonly prefixes: ReadonlyMap<Group, readonly Flight[]>;
}

/** The request of one attempt. `room`: see `CommitWriter`. */
export const requestOf = ({ changes, flights }: Frozen, room: CommitWriter["room"]): CommitRequest => ({
  ...changes,
  appends: appendsOf(flights, room),
});

/** What deliveries have changed since a commit was frozen. */
export interface Delivered {
  readonly request: CommitRequest;
  /** The outboxes whose delivered position is in the request. */
  readonly outboxes: ReadonlySet<string>;
  /** Call one of them with the result of the commit. */
  succeeded(): void;
  failed(): void;
}

/** To make a commit of more state writes ready for the writer would hold up other work for too long. */
const mostWrites = 8_192;

/** The longest prefix of these flights with at most `mostWrites` writes together, but at least one flight. */
const withFewWrites = (flights: readonly Flight[]): readonly Flight[] => {
  let writes = 0;
  const first = flights.findIndex((flight, index) => {
    writes += flight.writeCount;
    return writes > mostWrites && index > 0;
  });
  return first < 0 ? flights : flights.slice(0, first);
};

/** Who waits for the next commit: somebody for an answer, or a full group for room; events for their delivery; or nobody. */
export type Waiting = "now" | "events" | "none";

/** What the next commit can contain: settled batches of the groups, flights without a group, and progress of deliveries. */
export class Uncommitted {
  readonly #outboxes: ReadonlyMap<string, Outbox>;
  readonly #records: ReadonlyMap<string, Progressing>;
  readonly #groups = new Set<Group>();
  readonly #alone: Flight[] = [];
  #takenBefore = 0;
  /** Whether settled batches were left for the commit after the last one. */
  #isCut = false;

  constructor(outboxes: ReadonlyMap<string, Outbox>, records: ReadonlyMap<string, Progressing>) {
    this.#outboxes = outboxes;
    this.#records = records;
  }

  add(group: Group): void {
    this.#groups.add(group);
  }

  /** The group is in no later commit. */
  remove(group: Group): void {
    this.#groups.delete(group);
  }

  /** Adds a flight that belongs to no group. */
  addAlone(flight: Flight): void {
    this.#alone.push(flight);
  }

  /** The flights that belong to no group, at this moment. */
  get alone(): readonly Flight[] {
    return [...this.#alone];
  }

  /** What waits for a commit. */
  get waiting(): Waiting {
    if (this.#alone.length > 0 || this.#isCut) return "now";
    let waiting: Waiting = "none";
    for (const group of this.#groups) {
      const prefix = group.settledPrefix();
      if (prefix.length === 0) continue;
      if (group.isHalfUsed || prefix.some(({ admission }) => admission.settled)) return "now";
      if (waiting === "none" && prefix.some(({ frames }) => frames.size > 0)) waiting = "events";
    }
    return waiting;
  }

  /** How many bytes sources have taken in since the last `freeze`. */
  get takenBytes(): number {
    return this.#takenInAll() - this.#takenBefore;
  }

  #takenInAll(): number {
    let bytes = 0;
    for (const { takenBytes } of this.#groups) bytes += takenBytes;
    return bytes;
  }

  get isEmpty(): boolean {
    return (
      this.#alone.length === 0 &&
      [...this.#groups].every((group) => group.settledPrefix().length === 0) &&
      this.#dirty().length === 0
    );
  }

  /** The longest settled prefix of every group, unless it has very many writes, and everything else that waits. */
  freeze(): Frozen {
    this.#takenBefore = this.#takenInAll();
    this.#isCut = false;
    const prefixes = new Map<Group, readonly Flight[]>();
    for (const group of this.#groups) {
      const settled = group.settledPrefix();
      const prefix = withFewWrites(settled);
      prefixes.set(group, prefix);
      this.#isCut ||= prefix.length < settled.length;
    }
    const flights = [...this.#alone.splice(0), ...[...prefixes.values()].flat()];
    const delivered = this.#takeDelivered();
    return { flights, prefixes, changes: { ...changesOf(flights), delivered } };
  }

  /**
   * What was delivered or purged since the last `freeze`, and the delivered positions that are still `waiting` in it, without
   * the rest; `undefined` if that is nothing.
   */
  freezeDelivered(waiting: CommitRequest["delivered"]): Delivered | undefined {
    const dirty = this.#dirty();
    const purges = this.#alone.filter(({ frames }) => frames.size === 0);
    if (dirty.length + purges.length + waiting.length === 0) return undefined;
    const taken = this.#takeDelivered();
    const later = new Set(taken.map(({ outbox }) => outbox));
    const delivered = [...waiting.filter(({ outbox }) => !later.has(outbox)), ...taken];
    return {
      request: { ...changesOf(purges), appends: [], delivered },
      outboxes: new Set(delivered.map(({ outbox }) => outbox)),
      succeeded: () => {
        for (const flight of purges) this.#alone.splice(this.#alone.indexOf(flight), 1)[0]?.notify("committed");
      },
      failed: () => {
        for (const one of dirty) one.markDirty();
      },
    };
  }

  /** Notifies the flights without a group that none of them will be committed. */
  abandonAlone(): void {
    for (const flight of this.#alone.splice(0)) flight.notify("abandoned");
  }

  #dirty(): Progressing[] {
    return [...this.#outboxes.values(), ...this.#records.values()].filter(({ isDirty }) => isDirty);
  }

  #takeDelivered(): CommitRequest["delivered"] {
    return this.#dirty().flatMap((one) => one.takeDelivered() ?? []);
  }
}
