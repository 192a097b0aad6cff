import type { DeadLetterChange } from "../../storage/database.ts";
import { DeadLetterIndex } from "../../storage/dead-letter-index.ts";
import { outboxDirectory } from "../../storage/segments.ts";
import type { CommitLoop } from "../commit-loop.ts";
import type { DataDir } from "../data-dir.ts";
import type { Outbox } from "../delivery/outbox.ts";
import { Flight } from "../flow/flight.ts";
import { DeadLetterDesk } from "./desk.ts";
import type { Reentry } from "./reentry.ts";

export interface LiveDeskOptions {
  readonly data: DataDir;
  /** The outbox of the dead letter. */
  readonly outbox: Outbox;
  readonly commits: CommitLoop;
  readonly reentry: Reentry;
}

/** The dead letter desk of a running weir. Its changes are part of the run's commits, and free space in the outbox. */
export const liveDesk = ({ data, outbox, commits, reentry }: LiveDeskOptions): DeadLetterDesk => {
  const index = new DeadLetterIndex(data.saved.deadLetters);
  for (const bytes of index.goneBytes.values()) outbox.freed(bytes);
  return new DeadLetterDesk({
    directory: outboxDirectory(data.path, outbox.name),
    index,
    end: () => outbox.end,
    commit: (changes) => commitChanges(commits, changes),
    readmit: (component, letters) => reentry.readmit(component, letters),
    freed: (bytes) => outbox.freed(bytes),
  });
};

const commitChanges = (commits: CommitLoop, changes: readonly DeadLetterChange[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const settled = (outcome: "committed" | "abandoned") =>
      outcome === "committed"
        ? resolve()
        : reject(new Error("weir stopped before the commit; the dead letters are unchanged."));
    const flight = new Flight(0, { checkpoint: undefined, bytes: 0, ingested: 0, settled });
    flight.deadLetters.push(...changes);
    commits.commitAlone(flight);
  });
