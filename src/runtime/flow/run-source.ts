import type { Checkpoint, Context } from "../../plugin.ts";
import type { SourceComponent } from "../../topology/topology.ts";
import type { SourceNode } from "../source-node.ts";
import { pump } from "./pump.ts";

export interface SourceRun {
  readonly component: SourceComponent;
  readonly node: SourceNode;
  readonly context: Context<never>;
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  /** Something waits for a turn of the event loop. */
  readonly isWaitedFor: () => boolean;
}

/** Pulls a source, and lets it offer, until it ends or is told to stop by its context's signal. */
export const runSource = async (run: SourceRun): Promise<void> => {
  const { component, node, isWaitedFor } = run;
  const { plugin } = component;
  const { signal } = run.context;
  if (signal.aborted) return;
  const context = { ...run.context, checkpoints: run.checkpoints };
  let isOver = false;
  if (plugin.listen) node.asked();
  const listening = plugin.listen?.(context, (reading) => (signal.aborted || isOver ? "full" : node.offer(reading)));
  if (plugin.read)
    await pump({
      readings: plugin.read(context),
      room: () => node.room(signal),
      asked: () => node.asked(),
      take: (reading) => node.take(reading),
      isWaitedFor,
      signal,
    });
  await listening;
  isOver = true;
  node.over();
};
