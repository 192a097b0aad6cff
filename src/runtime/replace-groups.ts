import type { Topology } from "../topology/topology.ts";
import { GroupRun } from "./flow/group-run.ts";
import type { RunServices } from "./flow/run-services.ts";
import { BuildError } from "./flow/stages/make-stage.ts";

export interface Replacing {
  readonly current: Topology;
  readonly next: Topology;
  /** Ids of the components whose groups are stopped and started, of both topologies. */
  readonly replaced: ReadonlySet<string>;
  readonly runs: Set<GroupRun>;
  readonly services: RunServices;
  /** Aborts at the deadline: batches that are not committed by then are abandoned. */
  readonly late: AbortSignal;
  /** Aborts when the run ends: nothing is started then. */
  readonly ending: AbortSignal;
  /** The lowest number that the next batch of a new group may have. */
  readonly number: number;
}

export interface Replaced {
  /** Whether the groups of the next topology run. Otherwise those of the current one do, or the run is ending. */
  readonly isDone: boolean;
  /** Why a component of the next topology could not be built. */
  readonly error?: BuildError;
  /** The next `number`. */
  readonly number: number;
}

/** Stops the groups of the replaced components, and starts those of the next topology; if they cannot be built, the old ones. */
export const replaceGroups = async (replacing: Replacing): Promise<Replaced> => {
  const { current, next, replaced, runs, services, late, ending } = replacing;
  const touches = (ids: Iterable<string>) => [...ids].some((id) => replaced.has(id));
  const replacedRuns = [...runs].filter(({ ids }) => touches(ids));
  await Promise.all(replacedRuns.map((run) => run.quiesce(late)));
  const number = Math.max(replacing.number, ...replacedRuns.map(({ graph }) => graph.group.next));
  if (ending.aborted) return { isDone: false, number };
  for (const run of replacedRuns) runs.delete(run);
  const build = (topology: Topology) =>
    topology.groups.filter(touches).map((ids) => new GroupRun(topology, new Set(ids), services, number));
  let error: BuildError | undefined;
  let made: readonly GroupRun[];
  try {
    made = build(next);
  } catch (cause) {
    if (!(cause instanceof BuildError)) throw cause;
    error = cause;
    services.sinks.leave(replaced, []);
    made = build(current);
  }
  for (const run of made) {
    runs.add(run);
    try {
      await run.start();
    } catch (cause) {
      // Half of the pipeline would run.
      services.fail("weir", cause);
      throw cause;
    }
  }
  services.sinks.stores.dropLeft();
  return { isDone: !error, number, ...(error && { error }) };
};
