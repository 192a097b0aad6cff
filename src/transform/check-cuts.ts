import type { OperatorFunction } from "rxjs";
import { type Batch, defaultOutput, type Ended, type Token } from "../batch.ts";
import type { Event, Meta } from "../event.ts";
import { OperatorRun } from "./operator-run.ts";

export interface CutCheck {
  readonly events: readonly Event[];
  /** Names of outputs, beside the default one. */
  readonly outputs: readonly string[];
  /** Builds the operator anew. The signal aborts when this one is done with. */
  readonly build: (signal: AbortSignal) => OperatorFunction<Batch, Batch>;
  /** Waits for what an operator does: false if that takes too long. */
  readonly wait: (work: Promise<void>) => Promise<boolean>;
  /** For the cuts at random. */
  readonly seed?: number;
}

const verdict = "depends on how batches are cut: use keep";

/** One way to cut the same events: by instance of the operator, by batch. */
export interface Cut {
  readonly name: string;
  readonly instances: readonly (readonly (readonly Event[])[])[];
}

/**
 * Runs an operator on batches over the same events in several cuts, and once more with restarts on
 * the way. A sentence says the first difference in what became of an event, or how the operator broke the contract;
 * `undefined`: nothing is wrong. What the account notes is not compared: it may well count batches.
 */
export const checkCuts = async (check: CutCheck): Promise<string | undefined> => {
  const { events, seed = 1 } = check;
  let first: Run | undefined;
  for (const cut of cutsOf(events, seed)) {
    try {
      const fates = await runCut(check, cut);
      const difference = first && differenceOf(events, { cut, fates }, first);
      if (difference !== undefined) return difference;
      first ??= { cut, fates };
    } catch (error) {
      return faultOf(error, cut, first);
    }
  }
  return undefined;
};

/** How often the operator starts in the last cut, at most. */
const mostStarts = 20;

/** One event a batch, all in one, at random, and at random with restarts on the way. */
export const cutsOf = (events: readonly Event[], seed: number): readonly Cut[] => {
  const random = randomOf(seed);
  const starts = Math.min(events.length, mostStarts);
  const place = (start: number) => Math.round((start * events.length) / starts);
  const slices = Array.from({ length: starts }, (_, start) => events.slice(place(start), place(start + 1)));
  return [
    { name: "one event a batch", instances: [events.map((event) => [event])] },
    { name: "all events in one batch", instances: [[events]] },
    { name: `batches cut at random, seed ${seed}`, instances: [atRandom(events, random)] },
    { name: `started ${starts} times`, instances: slices.map((slice) => atRandom(slice, random)) },
  ];
};

/** What became of each event, in words, sorted. */
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
  let isPushed = false;
  try {
    // As fast as a source can be: what one batch leaves undone, the next ones meet.
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
    // One that nobody waits for any longer.
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

const differenceOf = (events: readonly Event[], a: Run, b: Run): string | undefined => {
  for (const { meta } of events) {
    const [one, other] = [a, b].map(({ fates }) => (fates.get(meta) ?? []).join(", "));
    if (one === other) continue;
    return `what becomes of the event "${meta.id}" ${verdict} (${b.cut.name}: ${brief(other!)}; ${a.cut.name}: ${brief(one!)})`;
  }
  return undefined;
};

const brief = (text: string): string => (text.length <= 120 ? text : `${text.slice(0, 119)}…`);

const atRandom = (events: readonly Event[], random: () => number): (readonly Event[])[] => {
  const batches: Event[][] = [];
  for (const event of events) {
    if (batches.length === 0 || random() < 0.4) batches.push([]);
    batches.at(-1)!.push(event);
  }
  return batches;
};

/** The same numbers for the same seed, uniform in [0, 1) (mulberry32). */
const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};
