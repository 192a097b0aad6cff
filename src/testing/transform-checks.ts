import { deepStrictEqual, fail } from "node:assert/strict";
import type { OperatorFunction } from "rxjs";
import { type Batch, defaultOutput, type Ended, type Token } from "../batch.ts";
import type { Context } from "../context.ts";
import type { Event } from "../event.ts";
import type { Plugin } from "../plugin.ts";
import type { State } from "../state.ts";
import { type Built, buildTransform } from "../transform/build.ts";
import { checkCuts } from "../transform/check-cuts.ts";
import { memoryState } from "../transform/memory-state.ts";
import { OperatorRun } from "../transform/operator-run.ts";
import { clockScheduler } from "../transform/scheduler.ts";
import type { Transform } from "../transform/transform.ts";
import { inVirtualTime, virtualClock } from "./clock.ts";
import { eachOperator } from "./each-operator.ts";
import { type CaseTick, KeepRun } from "./keep-run.ts";
import { logRecorder } from "./log.ts";
import {
  type CaseResult,
  compare,
  counted,
  eventsOf,
  isTick,
  partsOf,
  plain,
  type TransformCase,
} from "./transform-case.ts";
import { flaws } from "./well-formed.ts";

/** A check with a name; it throws, or rejects, when something is wrong. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: a transform of any options.
type AnyTransform = Transform<any> & { readonly kind: "transform" };

/**
 * What every transform owes, as a list of checks for any test runner: it is well formed; it makes of each case what the
 * case says, of frozen events, and accounts for each of them; and it makes the same of them however they are cut into
 * batches, also when it is stopped and started again in between. Time is virtual and passes as fast as it can; a server
 * that a transform asks is real, so a time limit of the transform may expire before the answer is there.
 */
export const transformChecks = (plugin: AnyTransform, cases: readonly TransformCase[]): readonly Check[] => [
  { name: "is well formed", run: async () => deepStrictEqual(flaws(plugin as Plugin), []) },
  ...cases.flatMap((one) => checksOf(plugin, one)),
];

const checksOf = (plugin: AnyTransform, one: TransformCase): readonly Check[] => {
  const { name } = one;
  const cuts = `${name}, however the events are cut into batches`;
  if (plugin.keep)
    return [
      { name, run: async () => compare(one, keepResult(plugin, one, "long batches"), "in order") },
      { name: cuts, run: async () => compareKept(plugin, one, "one event a batch") },
      { name: `${name}, restarted between any two events`, run: async () => compareRestarted(plugin, one) },
    ];
  return [
    {
      name,
      run: async () => compare(one, await operatorResult(plugin, one), plugin.create ? "in any order" : "in order"),
    },
    { name: cuts, run: () => checkCutsOf(plugin, one) },
  ];
};

/** Builds a transform as the host does. */
const build = (plugin: AnyTransform, { config = {} }: TransformCase, powers: Powers = {}): Built => {
  const { clock = virtualClock(), signal = new AbortController().signal, state = memoryState() } = powers;
  const context: Context<never> = { id: plugin.name, config: config as never, clock, signal, log: logRecorder() };
  return buildTransform(plugin, context, { state: () => state, scheduler: () => clockScheduler(clock, { signal }) });
};

interface Powers {
  readonly clock?: ReturnType<typeof virtualClock>;
  readonly signal?: AbortSignal;
  readonly state?: State;
}

const outputsOf = (plugin: AnyTransform, { config = {} }: TransformCase): readonly string[] =>
  plugin.outputs?.(config as never) ?? [];

/** A transform with `each` or `create`, as an operator on batches. */
const operatorOf = (plugin: AnyTransform, one: TransformCase, powers: Powers): OperatorFunction<Batch, Batch> => {
  const built = build(plugin, one, powers);
  if (built.shape === "create") return built.operator;
  if (built.shape !== "each") fail("keep is not an operator on batches");
  const { signal = new AbortController().signal } = powers;
  const isAsync = Boolean(plugin.each && plugin.async);
  return eachOperator({ step: built.step, outputs: outputsOf(plugin, one), isAsync, signal });
};

/** All events in one batch. */
const operatorResult = async (plugin: AnyTransform, one: TransformCase): Promise<CaseResult> => {
  const clock = virtualClock();
  const { promise: done, resolve, reject } = Promise.withResolvers<Batch>();
  const run = new OperatorRun<Token>(operatorOf(plugin, one, { clock }), {
    outputs: new Set(outputsOf(plugin, one)),
    sent: ({ batch }) => resolve(batch),
    failed: reject,
  });
  run.push({ batch: 1 }, eventsOf(one));
  if (!(await inVirtualTime(clock, done))) fail("the transform did not send its batch on");
  const { events, outputs, account } = await done;
  run.close();
  const reasons = (list: readonly Ended[] = []) => counted(list.map(({ reason }) => reason));
  return {
    sent: Object.entries({ [defaultOutput]: events, ...outputs }).flatMap(([output, list]) =>
      list.map((event) => ({ output, event })),
    ),
    rejected: account.rejected ?? [],
    consumed: reasons(account.consumed),
    dropped: reasons(account.dropped),
  };
};

const checkCutsOf = async (plugin: AnyTransform, one: TransformCase): Promise<void> => {
  const clock = virtualClock();
  const fault = await checkCuts({
    events: eventsOf(one),
    outputs: outputsOf(plugin, one),
    build: (signal) => operatorOf(plugin, one, { clock, signal }),
    wait: (work) => inVirtualTime(clock, work),
  });
  if (fault !== undefined) fail(fault);
};

type KeptCut = "long batches" | "one event a batch";

const keepRun = (plugin: AnyTransform, one: TransformCase): KeepRun =>
  new KeepRun({
    id: plugin.name,
    outputs: outputsOf(plugin, one),
    build: (state) => {
      const built = build(plugin, one, { state });
      return built.shape === "keep" ? built.step : fail("the plugin has changed its shape");
    },
  });

const keepResult = (plugin: AnyTransform, one: TransformCase, cut: KeptCut, restartBefore = -1): CaseResult => {
  const run = keepRun(plugin, one);
  let done = 0;
  const before = () => {
    if (done++ === restartBefore) run.restart();
  };
  const takeBatch = (events: readonly Event[]) => {
    if (cut === "long batches") run.batch(events);
    for (const event of cut === "long batches" ? [] : events) {
      before();
      run.batch([event]);
    }
  };
  for (const part of partsOf(one)) {
    if (!isTick(part as CaseTick)) takeBatch(part as readonly Event[]);
    else {
      before();
      run.tick(part as CaseTick);
    }
  }
  return run.result;
};

const compareKept = (plugin: AnyTransform, one: TransformCase, cut: KeptCut): void => {
  const clue = `what the transform does depends on how batches are cut (${cut}, and before in long batches)`;
  deepStrictEqual(plain(keepResult(plugin, one, cut)), plain(keepResult(plugin, one, "long batches")), clue);
};

/** A new instance takes over at each place in turn. */
const compareRestarted = (plugin: AnyTransform, one: TransformCase): void => {
  const expected = plain(keepResult(plugin, one, "one event a batch"));
  for (let at = 1; at < one.input.length; at++)
    deepStrictEqual(
      plain(keepResult(plugin, one, "one event a batch", at)),
      expected,
      `what the transform does after a restart before input ${at} differs: what it remembers has to be in its state`,
    );
};
