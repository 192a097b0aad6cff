import { type Clock, systemClock } from "../clock.ts";
import { descriptorLimit } from "../descriptor-limit.ts";
import type { Checkpoint, Log, Reading, Source } from "../plugin.ts";
import { logRecorder } from "./log.ts";

/** The options for reading a source; all but `config` have a default. */
export interface ReadOptions {
  readonly config: Readonly<Record<string, unknown>>;
  readonly checkpoints?: ReadonlyMap<string, Checkpoint>;
  readonly baselines?: readonly string[];
  readonly clock?: Clock;
  readonly log?: Log;
  readonly signal?: AbortSignal;
}

// biome-ignore lint/suspicious/noExplicitAny: a source of any options.
type AnySource = Source<any>;

/** The readings of a pulled source, requested one at a time as the host does. */
export const readSource = (source: AnySource, options: ReadOptions): AsyncIterable<Reading> => {
  if (!source.read)
    throw new Error(`the source "${source.name}" has no read(): readSource works for pulled sources only`);
  return source.read({
    id: source.name,
    config: options.config,
    checkpoints: new Map(options.checkpoints),
    descriptors: descriptorLimit(),
    baselines: options.baselines,
    clock: options.clock ?? systemClock,
    log: options.log ?? logRecorder(),
    signal: options.signal ?? new AbortController().signal,
  });
};
