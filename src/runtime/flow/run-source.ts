import { setImmediate as nextTurn } from "node:timers/promises";
import { descriptorLimit } from "../../descriptor-limit.ts";
import type { Checkpoint, Context, Reading, SourceContext } from "../../plugin.ts";
import type { SourceComponent } from "../../topology/topology.ts";
import { checkedReading, checkedReadings } from "./check-reading.ts";
import { divided } from "./portion.ts";
import type { SourceNode } from "./source-node.ts";

export interface SourceRun {
  readonly component: SourceComponent;
  readonly node: SourceNode;
  readonly context: Context<never>;
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly baselines: SourceContext<never>["baselines"];
  /** Called by the source to say how far it has read. */
  readonly progress: SourceContext<never>["progress"];
  readonly inside: SourceContext<never>["inside"];
  /** Whether something waits for a turn of the event loop, so that the source must yield early. */
  readonly isWaitedFor: () => boolean;
}

/** Runs a source: pulls its readings and accepts those it offers, until it ends or its context's signal aborts. */
export const runSource = async (run: SourceRun): Promise<void> => {
  const { component, node } = run;
  const { plugin } = component;
  const { signal } = run.context;
  if (signal.aborted) return;
  const context = {
    ...run.context,
    checkpoints: run.checkpoints,
    progress: run.progress,
    baselines: run.baselines,
    inside: run.inside,
    descriptors: descriptorLimit(),
  };
  let isOver = false;
  if (plugin.listen) node.asked();
  const listening = plugin.listen?.(context, (reading) =>
    signal.aborted || isOver ? "full" : node.offer(checkedReading(reading)),
  );
  if (plugin.read) await pump(checkedReadings(plugin.read(context)), run);
  await listening;
  isOver = true;
  node.over();
};

/** How long to read in one turn of the event loop, in milliseconds. */
const turn = 1;

/**
 * Pulls the readings of a source. It asks for the next reading only while there is room, which is how backpressure works.
 * Resolves when the source has ended or was stopped.
 */
const pump = async (readings: AsyncIterable<Reading>, { node, context, isWaitedFor }: SourceRun): Promise<void> => {
  const { signal } = context;
  const iterator = readings[Symbol.asyncIterator]();
  let turnEnds = performance.now() + turn;
  while (!signal.aborted) {
    await node.room(signal);
    if (signal.aborted) break;
    node.asked();
    const { done, value } = await iterator.next();
    if (done) return;
    for (let rest: Reading | undefined = checkedReading(value); rest; ) {
      const [first, others]: readonly [Reading, Reading?] = divided(rest, node.portion);
      node.take(first);
      rest = others;
      if (performance.now() >= turnEnds || isWaitedFor()) {
        await nextTurn();
        turnEnds = performance.now() + turn;
      }
      if (rest) await node.room(signal);
      if (signal.aborted) break;
    }
  }
  await iterator.return?.();
};
