import { type Event, RecordMeta, withData } from "../event.ts";
import { allOf, always, type Guard } from "../guard/guard.ts";
import type { Data } from "../json.ts";
import { once } from "../once.ts";
import { QueryError } from "../query-error.ts";
import type { State } from "../state.ts";
import type { KeepTools, Tick } from "../transform/transform.ts";
import { alertId } from "./alert-id.ts";
import type { Axes } from "./axes.ts";
import type { DetectOptions } from "./detect-options.ts";
import { excepted, type IsExcepted } from "./exceptions/exceptions.ts";
import { compileFilter, filterGuard } from "./filter-query.ts";
import { judged } from "./learning/judged.ts";
import type { Judge } from "./learning/learning.ts";
import type { Limits } from "./limits/limits.ts";
import type { QueryFields } from "./query-language.ts";
import type { Rule } from "./rule.ts";
import type { Detector, DetectorTick, DetectorTools, EventTools } from "./rule-type.ts";
import { languageOf, typeOfRule } from "./rule-types.ts";
import type { AskAhead } from "./shared-history.ts";
import { alertMaker, toAlert } from "./to-alert.ts";

/** The query does not match. */
export const filtered = "filtered";

type StepTools = EventTools & Pick<KeepTools, "emit">;

/** A rule that runs: what it makes of events and ticks. */
export interface RunningRule {
  /** Returns alerts, or the reason why there is none. */
  step(event: Event, tools: StepTools): readonly Event[] | string;
  /** What to ask before the step gets an event, if it needs something of a shared history. */
  readonly ahead?: AskAhead | undefined;
  /** What must hold for an event, so that the step is not `filtered`, or notes something. It is computed when it is first asked for. */
  readonly guard: () => Guard;
  /** Returns false when the tick is full. */
  readonly tick?: (tick: Tick, times: ReadonlyMap<string, number>) => boolean;
}

interface RunningOptions
  extends Pick<DetectOptions, "timestamp" | keyof QueryFields | "indicators" | "state" | "hash" | "deployment"> {
  readonly axes: Axes;
  readonly shared: DetectorTools["shared"];
  readonly isExcepted: IsExcepted;
  readonly limits: Limits | undefined;
  readonly judge: Judge | undefined;
}

/** Puts a rule together: its query, exceptions, detector, learning and limits, in this order. */
export const runningRule = (
  rule: Rule,
  { timestamp = rule.timestamp, state, hash, deployment, axes, shared, limits, judge, ...rest }: RunningOptions,
): RunningRule => {
  const type = typeOfRule(rule);
  const own = state.scope(rule.id);
  const onAxis = withWake(own, (at) => axes.of(timestamp).wake(at));
  const detector = type.detector(rule, {
    timestamp,
    state: onAxis,
    hash,
    types: rest.fields,
    indicators: rest.indicators,
    shared,
    alertId: alertId(rule, hash),
  });
  const unless = condition(rule, rest);
  const step = limited(judged(stepOf(rule, detector, { unless, hash, deployment }), judge), limits);
  const { tick: ownTick, guard: ownGuard = always, ask } = typeof detector === "function" ? {} : detector;
  const guard = once(() => allOf([guardOf(rule, rest), ownGuard]));
  const ahead: AskAhead | undefined =
    ask && ((event) => (unless(event, silently) !== undefined ? undefined : ask(event)));
  if (!ownTick) return limits ? { step, ahead, guard, tick: (tick) => limits.tick(tick) } : { step, ahead, guard };
  axes.of(timestamp);
  const alertOf = alertMaker({ rule, hash, deployment });
  // An event that came twice can lead to the same alert twice, in a tick and in the one that goes on when it was full.
  let [sent, sentBefore] = [new Set<string>(), new Set<string>()];
  return {
    step,
    ahead,
    guard,
    tick: (tick, times) => {
      if (limits && !limits.tick(tick)) return false;
      let hasRoom = true;
      [sent, sentBefore] = [new Set(), sent];
      const emit: DetectorTick["emit"] = ({ id, data, at = tick.now, found = times.get(timestamp)! }) => {
        if (judge?.tick(found, tick.note)) return hasRoom;
        const meta = new RecordMeta(rule.name, "state", 0, Math.min(at, tick.now), id);
        const made = alertOf({ data, meta });
        const passing = limits?.judge(made, tick.now, tick) ?? { alert: made, fields: {} };
        if (typeof passing === "string") return hasRoom;
        const { alert, fields } = passing;
        if (sent.has(alert.id) || sentBefore.has(alert.id)) return hasRoom;
        sent.add(alert.id);
        hasRoom = tick.emit({ id: alert.id, data: { ...alert.data, ...fields }, at });
        return hasRoom;
      };
      ownTick({ now: times.get(timestamp)!, final: tick.final, note: tick.note, trace: tick.trace, emit });
      return hasRoom;
    },
  };
};

/** The same step, without the alerts that are held back. */
const limited = (step: RunningRule["step"], limits: Limits | undefined): RunningRule["step"] => {
  if (!limits) return step;
  return (event, tools) => {
    const found = step(event, tools);
    if (typeof found === "string") return found;
    let silence: string = filtered;
    const sent = found.flatMap((each) => {
      const judged = limits.judge({ id: each.meta.id, data: each.data }, event.meta.ingested, tools);
      if (typeof judged !== "string") return [withData(each, { ...each.data, ...judged.fields })];
      silence = judged;
      return [];
    });
    return sent.length > 0 || found.length === 0 ? sent : silence;
  };
};

/** A state whose `wake` is another one, also in its scopes. */
const withWake = (state: State, wake: State["wake"]): State => ({
  get: (key) => state.get(key),
  set: (key, value, expires) => state.set(key, value, expires),
  delete: (key) => state.delete(key),
  scan: (prefix, options) => state.scan(prefix, options),
  sweep: (before) => state.sweep(before),
  scope: (name) => withWake(state.scope(name), wake),
  wake,
});

const every = (_data: Data): boolean => true;

const matcherOf = (rule: Rule, given: QueryFields) => {
  try {
    return languageOf(typeOfRule(rule)).matcher?.(rule.query, given) ?? every;
  } catch (error) {
    // Its file was checked without these types.
    if (error instanceof QueryError)
      throw new Error(`the query of the rule "${rule.name}" does not work: ${error.message}`);
    throw error;
  }
};

const guardOf = (rule: Rule, given: QueryFields): Guard =>
  allOf([
    languageOf(typeOfRule(rule)).guard?.(rule.query, given) ?? always,
    rule.filter ? filterGuard(rule.filter, given.fields) : always,
  ]);

const silently: EventTools = { note: () => undefined };

/** Why the rule has nothing to do with an event; `undefined` if it has. */
const condition = (
  rule: Rule,
  { isExcepted, ...given }: Pick<RunningOptions, keyof QueryFields | "isExcepted">,
): ((event: Event, tools: EventTools) => string | undefined) => {
  const matches = matcherOf(rule, given);
  const passes = rule.filter ? compileFilter(rule.filter, given.fields) : every;
  return (event, tools) => {
    if (!matches(event.data, event.meta.ingested) || !passes(event.data, event.meta.ingested)) return filtered;
    return isExcepted(event, tools) ? excepted : undefined;
  };
};

const stepOf = (
  rule: Rule,
  detector: Detector,
  { hash, deployment, unless }: Pick<RunningOptions, "hash" | "deployment"> & { unless: ReturnType<typeof condition> },
): RunningRule["step"] => {
  const find = typeof detector === "function" ? detector : detector.event;
  const alert = toAlert({ rule, hash, deployment });
  return (event, tools) => {
    const silence = unless(event, tools);
    if (silence !== undefined) return silence;
    const found = find(event, tools);
    return typeof found === "string" ? found : found.map(alert);
  };
};
