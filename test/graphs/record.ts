import type { Data, Event } from "weir";
import type { MakeWriter } from "../../src/runtime/data-dir.ts";
import type { Flight } from "../../src/runtime/flow/flight.ts";
import { type Entry, Group, type Origin } from "../../src/runtime/flow/group.ts";
import { Stage } from "../../src/runtime/flow/stages/stage.ts";
import type { CommitRequest } from "../../src/storage/committer.ts";

/** An event as it was admitted. */
export interface Taken {
  readonly id: string;
  readonly data: Data;
  readonly source: string;
  readonly ingested: number;
}

/** One batch in the order: the events of a source or of a replay, or a tick. */
export interface Batch {
  /** Id of the source, or of the component that dead letters came back to; `tick`. */
  readonly entered: string;
  readonly events: readonly Taken[];
  readonly stamp: number;
  /** The components that get the tick, and its time. */
  readonly tick: { readonly now: number; readonly final: boolean; readonly ids: readonly string[] } | undefined;
  /** Whether the fixable steps were broken in the life that committed it. */
  readonly broken: boolean;
}

/** The content of one commit. */
export interface Commit {
  readonly number: number;
  /** The number that the first commit of the same life has or would have had. */
  readonly first: number;
  readonly batches: readonly Batch[];
}

/** The key space into which each commit writes its number, so that the disk shows which commits succeeded. */
export const recordSpace = "record";

/**
 * Records the batches that enter any group of a run, and the commit that each is part of, until `close`. `note` is called
 * before each commit, which may still fail; the number on disk shows whether it succeeded.
 */
export const watchCommits = (first: number, broken: boolean, note: (commit: Commit) => void) => {
  const { admit } = Group.prototype;
  const { expect } = Stage.prototype;
  const groups = new Set<Group>();
  const batches = new Map<Flight, Batch>();
  const ticked = new Map<Flight, string[]>();
  /** A failed commit is retried with the same changes, in a request of its own. */
  const marked = new WeakMap<object, CommitRequest["state"][number]>();
  let number = first;
  let markClosed = () => {};
  /** The writer is closed, so the run has ended. */
  const closed = new Promise<void>((resolve) => {
    markClosed = resolve;
  });

  Group.prototype.admit = function (this: Group, origin: Origin, entry: Entry) {
    groups.add(this);
    const { events, admission, tick } = entry;
    const alongside = (flight: Flight) => {
      batches.set(flight, {
        entered: origin.id,
        events: events.map(taken),
        stamp: tick?.now ?? admission.ingested,
        tick: tick && { now: tick.now, final: tick.final, ids: ticked.get(flight) ?? [] },
        broken,
      });
      entry.alongside?.(flight);
    };
    return admit.call(this, origin, { ...entry, alongside });
  };
  Stage.prototype.expect = function (this: Stage, flight, expected) {
    if (expected.hasTick) ticked.set(flight, [...(ticked.get(flight) ?? []), this.id]);
    expect.call(this, flight, expected);
  };

  const watched =
    (makeWriter: MakeWriter): MakeWriter =>
    (options) => {
      const writer = makeWriter(options);
      return {
        ...writer,
        get answerWaits() {
          return writer.answerWaits;
        },
        close: () => writer.close().finally(markClosed),
        commit: (request) => {
          if (isEmpty(request)) return writer.commit(request);
          let row = marked.get(request.checkpoints);
          if (!row) {
            const flights = [...groups].flatMap((group) => group.settledPrefix());
            note({ number, first, batches: flights.map((flight) => batches.get(flight)!) });
            row = { component: recordSpace, key: "number", value: String(number++), expires: undefined };
            marked.set(request.checkpoints, row);
          }
          return writer.commit({ ...request, state: [...request.state, row] });
        },
      };
    };
  const close = () => {
    Group.prototype.admit = admit;
    Stage.prototype.expect = expect;
  };
  return { watched, groups, closed, close };
};

/** Whether a commit only records delivery progress, between two attempts of a failed commit. */
const isEmpty = ({ appends, checkpoints, state, sweeps, keepers = [], deadLetters = [], ingested }: CommitRequest) =>
  ingested + appends.length + checkpoints.length + state.length === 0 &&
  sweeps.length + keepers.length + deadLetters.length === 0;

const taken = ({ data, meta }: Event): Taken => ({
  id: meta.id,
  data,
  source: meta.source,
  ingested: meta.ingested,
});
