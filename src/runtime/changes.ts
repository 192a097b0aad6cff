import type { Clock } from "../clock.ts";
import { Ledger } from "../telemetry/ledger.ts";
import type { Topology } from "../topology/topology.ts";
import type { GroupRun } from "./flow/group-run.ts";
import type { RunServices } from "./flow/run-services.ts";
import { forgetComponents } from "./forget.ts";
import { replaceGroups } from "./replace-groups.ts";

interface ChangesOptions {
  readonly topology: Topology;
  readonly runs: Set<GroupRun>;
  readonly ledgers: Map<string, Ledger>;
  readonly services: RunServices;
  readonly clock: Clock;
  /** Resolves when the run has started. */
  readonly started: () => Promise<void>;
  /** Aborts when the run begins to end. */
  readonly ending: AbortSignal;
  /** Aborts when nothing is waited for any more. */
  readonly late: AbortSignal;
}

/** Changes what a run consists of while it runs, one change after the other. */
export class Changes {
  readonly #options: ChangesOptions;
  #topology: Topology;
  /** Resolves when all changes so far are made or have failed. */
  #last: Promise<void> = Promise.resolve();
  /** The lowest number that the first batch of a new group may have: numbers do not repeat in a process. */
  #number = 1;

  constructor(options: ChangesOptions) {
    this.#options = options;
    this.#topology = options.topology;
    addLedgers(options.topology, options.ledgers);
  }

  /** The topology that runs. */
  get topology(): Topology {
    return this.#topology;
  }

  /** Resolves when all changes that were asked for are made, or have failed. */
  get made(): Promise<void> {
    return this.#last;
  }

  /**
   * Changes to a new topology: stops the groups of the components in `replaced`, and starts those of the new topology that
   * have one. Batches that the old groups have not committed within `deadline` milliseconds are abandoned; the new groups
   * read them again, from the last commit on. `replaced` must have all components that are connected to one in it. Rejects
   * if the run ends meanwhile, or with a `BuildError`; then the old topology goes on.
   */
  replace(next: Topology, replaced: ReadonlySet<string>, deadline: number): Promise<void> {
    return this.#after(() => this.#replace(next, replaced, deadline));
  }

  /** Removes all that is kept of components. Rejects if one of them is in the topology. */
  forget(ids: readonly string[]): Promise<void> {
    return this.#after(() => {
      const used = this.#topology.components.find(({ id }) => ids.includes(id));
      if (used) throw new Error(`the running pipeline uses "${used.id}"`);
      return forgetComponents(ids, this.#options.services, this.#options.ledgers);
    });
  }

  #after(change: () => Promise<void>): Promise<void> {
    const made = this.#last.then(change);
    this.#last = made.catch(() => undefined);
    return made;
  }

  async #replace(next: Topology, replaced: ReadonlySet<string>, deadline: number): Promise<void> {
    const { runs, ledgers, services, clock, started, ending, late: overdue } = this.#options;
    await started();
    const deadlinePassed = new AbortController();
    const quiesced = new AbortController();
    void clock.sleep(deadline, quiesced.signal).then(() => deadlinePassed.abort());
    const late = AbortSignal.any([deadlinePassed.signal, overdue]);
    addLedgers(next, ledgers);
    const parts = { current: this.#topology, next, replaced, runs, services };
    const { isDone, error, number } = ending.aborted
      ? { isDone: false, number: this.#number }
      : await replaceGroups({ ...parts, late, ending, number: this.#number });
    quiesced.abort();
    this.#number = number;
    if (error) throw error;
    if (!isDone) throw new Error("weir is stopping");
    this.#topology = next;
  }
}

const addLedgers = ({ components }: Topology, ledgers: Map<string, Ledger>): void => {
  for (const { id } of components) if (!ledgers.has(id)) ledgers.set(id, new Ledger());
};
