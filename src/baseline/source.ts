import type { Config, Options } from "../option/option.ts";
import { type Checkpoint, defineSource, type Plugin, type Reading, type SourceContext } from "../plugin.ts";
import { counted } from "../text.ts";

type Source = Extract<Plugin, { readonly kind: "source" }>;

/** The stream whose checkpoint says that the baseline was read. */
export const doneStream = "baseline";

/** Time between two lines of the log, in milliseconds. */
const interval = 10_000;

const made = new WeakMap<Source, Source>();

/** The source that reads a baseline: `file` until everything is read, once. Returns the same source for the same `file`. */
export const baselineSource = (file: Source): Source => {
  const known = made.get(file) ?? defineSource({ ...file, name: "baseline", read: (context) => read(file, context) });
  made.set(file, known);
  return known;
};

async function* read(file: Source, context: SourceContext<Config<Options>>): AsyncGenerator<Reading> {
  const { log, signal, checkpoints } = context;
  const { include, order } = context.config as {
    readonly include: readonly string[];
    readonly order: string;
  };
  const done = checkpoints.get(doneStream);
  if (done) return tellDone(done, include, context);
  const files = new Set<string>();
  for await (const reading of file.read!({ ...context, progress: telling(context) })) {
    if (reading.path !== undefined) files.add(reading.path);
    yield reading;
  }
  if (signal.aborted) return;
  if (files.size === 0 && checkpoints.size === 0) {
    log.warn("no file was found for the baseline, so nothing was learned; weir looks again at the next start", {
      include,
    });
    return;
  }
  log.info(`the baseline is read: ${counted(files.size, "file")} in this run`);
  yield { stream: doneStream, position: 0, bytes: new Uint8Array(0), detail: { from: [...include], order } };
}

const tellDone = ({ detail }: Checkpoint, include: readonly string[], { id, log }: SourceContext<unknown>): void => {
  const { from } = detail as { readonly from: readonly string[] };
  if (JSON.stringify(from) === JSON.stringify(include)) return;
  log.warn(
    `the baseline was read before, from other files, and is not read again. To learn from these, stop weir, run \`weir state forget ${id}\`, and start weir`,
    { read: from, now: include },
  );
};

/** Passes progress on, and logs it. */
const telling = ({ progress, clock, log }: SourceContext<unknown>): SourceContext<unknown>["progress"] => {
  let due = clock.monotonic() + interval;
  return (known) => {
    progress?.(known);
    const now = clock.monotonic();
    if (now < due || known.total === 0) return;
    due = now + interval;
    log.info(`${Math.floor((100 * known.bytes) / known.total)} % of the baseline is read`);
  };
};
