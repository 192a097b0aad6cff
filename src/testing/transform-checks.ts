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
import type { Check } from "./check.ts";
import { inVirtualTime, virtualClock } from "./clock.ts";
import { eachOperator } from "./each-operator.ts";
import { type CaseTick, KeepRun } from "./keep-run.ts";
import { logRecorder } from "./log.ts";
import {
  type CaseResult,
  comparable,
  compareCase,
  countReasons,
  eventsOf,
  isTick,
  partsOf,
  type TransformCase,
} from "./transform-case.ts";
import { flaws } from "./well-formed.ts";

// biome-ignore lint/suspicious/noExplicitAny: a transform of any options.
type AnyTransform = Transform<any> & { readonly kind: "transform" };

/**
 * The checks that every transform must pass, for any test runner: it is well formed; each case, with frozen events, has
 * the expected result, and every event is accounted for; and the result is the same however the events are cut into
 * batches, and also if the transform is restarted in between. Time is virtual and runs as fast as possible, but a server
 * that the transform calls is real, so a time limit of the transform may expire before the server answers.
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
      { name, run: async () => compareCase(one, keepResult(plugin, one, "long batches"), "in order") },
      { name: cuts, run: async () => compareKept(plugin, one, "one event a batch") },
      { name: `${name}, restarted between any two events`, run: async () => compareRestarted(plugin, one) },
    ];
  return [
    {
      name,
      run: async () => compareCase(one, await operatorResult(plugin, one), plugin.create ? "in any order" : "in order"),
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
  if (built.shape !== "each") fail("a transform with keep is not an operator on batches");
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
  const reasons = (list: readonly Ended[] = []) => countReasons(list.map(({ reason }) => reason));
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
      return built.shape === "keep" ? built.step : fail("the shape of the plugin differs from one build to the next");
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
  const clue = `the result depends on how the events are cut into batches (${cut}, compared with long batches)`;
  deepStrictEqual(comparable(keepResult(plugin, one, cut)), comparable(keepResult(plugin, one, "long batches")), clue);
};

/** Restarts the transform before each input in turn. */
const compareRestarted = (plugin: AnyTransform, one: TransformCase): void => {
  const expected = comparable(keepResult(plugin, one, "one event a batch"));
  for (let at = 1; at < one.input.length; at++)
    deepStrictEqual(
      comparable(keepResult(plugin, one, "one event a batch", at)),
      expected,
      `a restart before input ${at} changes the result: keep everything that the transform remembers in state`,
    );
};
