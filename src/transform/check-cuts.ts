import type { OperatorFunction } from "rxjs";
import { type Batch, defaultOutput, type Ended, type Token } from "../batch.ts";
import type { Event, Meta } from "../event.ts";
import { type Cut, cutsOf } from "./cuts.ts";
import { OperatorRun } from "./operator-run.ts";

export interface CutCheck {
  readonly events: readonly Event[];
  /** Names of the outputs besides the default one. */
  readonly outputs: readonly string[];
  /** Builds a new instance of the operator. The signal aborts when the instance is no longer needed. */
  readonly build: (signal: AbortSignal) => OperatorFunction<Batch, Batch>;
  /** Waits for an operator to finish. Resolves to false if that takes too long. */
  readonly wait: (work: Promise<void>) => Promise<boolean>;
  /** Seed of the random cuts. */
  readonly seed?: number;
}

const verdict = "depends on how batches are cut: use keep";

/**
 * Runs an operator over the same events, cut into batches in several ways, and once with restarts in between. Resolves to
 * a message about the first event whose result differs, or about the contract that the operator broke; to `undefined` if
 * all is well. Notes in the account are not compared, because they may count batches.
 */
export const checkCuts = async (check: CutCheck): Promise<string | undefined> => {
  const { events, seed = 1 } = check;
  let first: Run | undefined;
  for (const cut of cutsOf(events, seed)) {
    try {
      const fates = await runCut(check, cut);
      first ??= { cut, fates };
      const difference = differenceOf(events, first.fates, fates);
      if (difference) return await sentenceOf(check, difference, first.cut, cut);
    } catch (error) {
      return faultOf(error, cut, first);
    }
  }
  return undefined;
};

/** The results for each event as sorted texts. */
type Fates = ReadonlyMap<Meta, readonly string[]>;

const runCut = async (check: CutCheck, { instances }: Cut): Promise<Fates> => {
  const fates = new Map<Meta, string[]>();
  for (const batches of instances) await runInstance(check, batches, fates);
  for (const list of fates.values()) list.sort();
  return fates;
};

const runInstance = async (
  { outputs, build, wait }: CutCheck,
  batches: readonly (readonly Event[])[],
  fates: Map<Meta, string[]>,
): Promise<void> => {
  const over = new AbortController();
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const faults: unknown[] = [];
  let isPushed = false;
  const run = new OperatorRun<Token>(build(over.signal), {
    outputs: new Set(outputs),
    sent: ({ came, batch }) => {
      addFates(fates, came, batch);
      if (run.held === 0 && isPushed) resolve();
    },
    failed: (error) => {
      faults.push(error);
      reject(error);
    },
  });
  try {
    // Without a pause, so that a batch meets the unfinished work of the previous ones, as with a fast source.
    for (const [index, events] of batches.entries()) {
      isPushed = index === batches.length - 1;
      run.push({ batch: index + 1 }, events);
    }
    if (run.held === 0) resolve();
    if (!(await wait(done)))
      throw new Error(`the operator did not send on ${run.held} of the ${batches.length} batches that it got`);
    run.complete();
    if (faults.length > 0) throw faults[0];
  } finally {
    run.close();
    over.abort();
    // Nobody waits for it any more.
    done.catch(() => undefined);
  }
};

const addFates = (fates: Map<Meta, string[]>, came: readonly Event[], { events, outputs, account }: Batch): void => {
  const metas = new Set(came.map(({ meta }) => meta));
  const add = ({ meta }: Event, fate: string) => {
    let at: Meta | undefined = meta;
    while (at && !metas.has(at)) at = at.parent;
    const key = at ?? meta;
    fates.set(key, [...(fates.get(key) ?? []), meta === key ? fate : `${fate} as "${meta.id}"`]);
  };
  for (const [output, list] of [[defaultOutput, events] as const, ...Object.entries(outputs)]) {
    const where = output === defaultOutput ? "sent" : `sent to "${output}"`;
    for (const event of list) add(event, `${where} ${JSON.stringify(event.data)}`);
  }
  const ended = (verb: string, list: readonly Ended[] = []) => {
    for (const { event, reason } of list) add(event, `${verb} as "${reason}"`);
  };
  ended("consumed", account.consumed);
  ended("dropped", account.dropped);
  ended("rejected", account.rejected);
};

interface Run {
  readonly cut: Cut;
  readonly fates: Fates;
}

const faultOf = (error: unknown, cut: Cut, first: Run | undefined): string => {
  const message = error instanceof Error ? error.message : String(error);
  return !first || message.endsWith(verdict)
    ? `${message} (${cut.name})`
    : `${message} (${cut.name}, but not with ${first.cut.name}: it ${verdict})`;
};

/** An event with different results in two runs. */
interface Difference {
  readonly id: string;
  readonly one: string;
  readonly other: string;
}

const differenceOf = (events: readonly Event[], a: Fates, b: Fates): Difference | undefined => {
  for (const { meta } of events) {
    const [one, other] = [a, b].map((fates) => (fates.get(meta) ?? []).join(", ")) as [string, string];
    if (one !== other) return { id: meta.id, one, other };
  }
  return undefined;
};

/** Describes the difference. Runs the first cut twice more, to find out whether the result varies without a new cut. */
const sentenceOf = async (check: CutCheck, difference: Difference, first: Cut, cut: Cut): Promise<string> => {
  const { events } = check;
  const again = [await runCut(check, first), await runCut(check, first)] as const;
  const changing = differenceOf(events, ...again);
  if (changing)
    return `the result for the event "${changing.id}" differs from run to run; the same events must always give the same result (${briefly(changing.one, changing.other)}; again: ${briefly(changing.other, changing.one)})`;
  const { id, one, other } = difference;
  return `the result for the event "${id}" ${verdict} (${first.name}: ${briefly(one, other)}; ${cut.name}: ${briefly(other, one)})`;
};

const longest = 120;

/** Shortens a long text to the part around its first difference from the other. */
const briefly = (text: string, other: string): string => {
  if (text.length <= longest) return text;
  let same = 0;
  while (same < text.length && text[same] === other[same]) same++;
  const start = Math.max(0, same - longest / 2);
  return `${start > 0 ? "…" : ""}${text.slice(start, start + longest)}${start + longest < text.length ? "…" : ""}`;
};
