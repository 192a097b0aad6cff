import type { Deployment, Log } from "../context.ts";
import { type Event, RecordMeta, withData } from "../event.ts";
import type { FieldType } from "../fields/types.ts";
import { allOf, always, type Guard } from "../guard/guard.ts";
import { GuardIndex } from "../guard/guard-index.ts";
import type { Data } from "../json.ts";
import { QueryError } from "../query-error.ts";
import type { State } from "../state.ts";
import { counted } from "../text.ts";
import type { TracedStep } from "../transform/trace.ts";
import type { Keeper, KeepStep, KeepTools, Tick } from "../transform/transform.ts";
import { alertId } from "./alert-id.ts";
import { Axes } from "./axes.ts";
import { ingestionAxis } from "./event-time.ts";
import {
  excepted,
  exceptionFilter,
  exceptionsFor,
  type IsExcepted,
  placedExceptions,
  type ReadyException,
  readyExceptions,
} from "./exceptions/exceptions.ts";
import type { Exception } from "./exceptions/options.ts";
import { checkSilencedTests } from "./exceptions/silenced-tests.ts";
import { compileFilter, filterGuard } from "./filter-query.ts";
import type { Hash } from "./hash.ts";
import { judged } from "./learning/judged.ts";
import { type Judge, Learning, unlearned } from "./learning/learning.ts";
import { learnerOf } from "./learning/of-rule.ts";
import { heldBack, type Limits, limitsOf } from "./limits/limits.ts";
import { checkNeeds } from "./needs.ts";
import { type Override, overridden } from "./overrides/overrides.ts";
import type { Rule } from "./rule.ts";
import type { Detector, DetectorTick, EventTools } from "./rule-type.ts";
import { languageOf, typeOfRule } from "./rule-types.ts";
import { type IndicatorSource, indicatorsOfTest } from "./threat-match/indicator.ts";
import { alertMaker, toAlert } from "./to-alert.ts";
import { type DetectionWatch, watchedExceptions, watchedLimits } from "./watch.ts";

export interface DetectOptions {
  /** The rules, or lists of them as `rulesOption` decodes them. Each runs once. */
  readonly rules: readonly (Rule | readonly Rule[])[];
  /** The field with the event's time, which overrides the one that each rule names. */
  readonly timestamp?: string | undefined;
  /** Events that rules do not see. */
  readonly exceptions?: readonly Exception[] | undefined;
  /** The same from files. */
  readonly exception_files?: readonly (readonly Exception[])[] | undefined;
  /** What is changed of rules, by name, id or tag. */
  readonly overrides?: Readonly<Record<string, Override>> | undefined;
  /** Sends every alert: suppression and caps have no effect. The tests of a rule are about what it finds. */
  readonly isUnlimited?: boolean | undefined;
  /** Only the rules with these ids run; the others are checked. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Sees what becomes no alert. */
  readonly watch?: DetectionWatch | undefined;
  /** The types of fields in queries, in place of those of ECS. */
  readonly fields?: Readonly<Record<string, FieldType>> | undefined;
  /** The id of the component. */
  readonly id?: string | undefined;
  /** How long each rule learns, in milliseconds, before it raises alerts. */
  readonly learn_for?: number | undefined;
  /** Whatever says that the component has a baseline, whose events raise no alert. */
  readonly baseline?: object | undefined;
  readonly log?: Log | undefined;
  /** Where indicators come from, for rules of type threat_match. */
  readonly indicators?: readonly IndicatorSource[] | undefined;
  readonly state: State;
  readonly hash: Hash;
  /** Where weir runs, for alerts. */
  readonly deployment?: Deployment | undefined;
}

/**
 * Runs detection rules, for `keep`: for an event, it sends one alert for each rule and finding, in the order of the rules.
 * For each rule, its query, the detector of its type and `toAlert` run in turn. An event without an alert is consumed: as
 * `filtered` if no query matched, otherwise with the strongest reason that a type gives. An
 * event that is excepted from a rule does not exist for it. Ticks go to the rules whose type
 * has them, each on the axis of its rule.
 */
export const detect = (options: DetectOptions): Keeper => {
  const { rules: given, hash } = options;
  const rules = overridden(distinct(given.flat()), options.overrides);
  checkNeeds(rules, options.indicators);
  const exceptions = readyExceptions(placedExceptions(options, rules), options.fields);
  const exceptionsOf = (rule: Rule) => exceptionsFor(rule, exceptions, options.fields);
  for (const rule of rules)
    checkSilencedTests(rule, exceptionsOf(rule), (some, state, test) =>
      keeperOf([rule], () => some, {
        indicators: indicatorsOfTest(test),
        timestamp: ingestionAxis,
        fields: options.fields,
        state,
        hash,
        isUnlimited: true,
      }),
    );
  const { only } = options;
  return keeperOf(only ? rules.filter(({ id }) => only.has(id)) : rules, exceptionsOf, options);
};

const keeperOf = (
  rules: readonly Rule[],
  exceptionsOf: (rule: Rule) => readonly ReadyException[],
  { id = "", learn_for: learnFor, baseline, log, watch, ...options }: Omit<DetectOptions, "rules">,
): Keeper => {
  const { timestamp, state, hash, isUnlimited, ...rest } = options;
  const silences = rules.flatMap((rule) => typeOfRule(rule).silences);
  const order = [filtered, excepted, ...silences, ...heldBack, ...unlearned];
  const stronger = (a: string, b: string): string => (a === b || order.indexOf(a) > order.indexOf(b) ? a : b);
  const axes = new Axes(state);
  const learning =
    baseline || learnFor !== undefined
      ? new Learning({ id, learnFor, log, state: state.scope("learned until") })
      : undefined;
  const running = rules.map((rule) => {
    const isExcepted = watchedExceptions(exceptionFilter(exceptionsOf(rule)), rule, watch);
    const held = isUnlimited ? undefined : limitsOf(rule, state.scope(rule.id), hash, rest.fields);
    const limits = watchedLimits(held, rule, watch);
    const judge = learning?.add(learnerOf(rule, { timestamp, hash, state: state.scope(rule.id) }));
    return runningRule(rule, { ...rest, timestamp, state, hash, axes, isExcepted, limits, judge });
  });
  const steps = running.map(({ step }) => step);
  const ticks = running.flatMap(({ tick }) => tick ?? []);
  const index = steps.length < fewRules ? undefined : new GuardIndex(running.map(({ guard }) => guard));
  const all = [...steps.keys()];
  const event: KeepStep = (event, tools) => {
    let alerts: readonly Event[] = [];
    let silence: string = filtered;
    for (const number of index && !tools.trace ? index.holding(event.data) : all) {
      const step = steps[number]!;
      const found = tools.trace ? traced(step, rules[number]!, event, tools) : step(event, tools);
      if (typeof found === "string") silence = stronger(silence, found);
      else alerts = alerts.length === 0 ? found : [...alerts, ...found];
    }
    return alerts.length > 0 ? alerts : silence;
  };
  const observed = ticks.length === 0 ? [] : axes.ofEvents();
  const whole: KeepStep = (given, tools) => {
    for (const axis of observed) axis.observe(given);
    learning?.observe(given);
    return event(given, tools);
  };
  if (ticks.length === 0) return { event: whole };
  return {
    event: whole,
    tick: (tick) => {
      const times = axes.at(tick);
      for (const each of ticks) if (!each(tick, times)) return;
    },
  };
};

/** For fewer rules it is cheaper to ask each. */
const fewRules = 4;

/** Each rule once. A rule's state and the ids of its alerts are by its id, so no two rules may share one. */
const distinct = (rules: readonly Rule[]): readonly Rule[] => {
  const byId = new Map<string, Rule>();
  for (const rule of rules) {
    const known = byId.get(rule.id);
    if (known && known !== rule)
      throw new Error(`the rules "${known.name}" and "${rule.name}" have the same id ${rule.id}`);
    byId.set(rule.id, rule);
  }
  return [...byId.values()];
};

/** The query does not match. */
const filtered = "filtered";

/** For `weir explain`: what the rule makes of the event, and below it what its type says. */
const traced = (step: RunningRule["step"], { name }: Rule, event: Event, tools: KeepTools) => {
  const parts: TracedStep[] = [];
  const { note, trace } = tools;
  const found = step(event, { note, emit: (made) => tools.emit(made), trace: (part) => void parts.push(part) });
  trace?.({ title: `rule ${name}`, outcome: outcomeOf(found) });
  for (const part of parts) trace?.({ ...part, depth: 1 + (part.depth ?? 0) });
  return found;
};

const outcomeOf = (found: string | readonly Event[]): string => {
  if (typeof found !== "string") return `raises ${counted(found.length, "alert")}`;
  return found === filtered ? "its query does not match" : `its query matches, but no alert: ${found}`;
};

type StepTools = EventTools & Pick<KeepTools, "emit">;

interface RunningRule {
  /** Returns alerts, or the reason why there is none. */
  step(event: Event, tools: StepTools): readonly Event[] | string;
  /** What must hold for an event, so that the step is not `filtered`. */
  readonly guard: Guard;
  /** Returns false when the tick is full. */
  readonly tick?: (tick: Tick, times: ReadonlyMap<string, number>) => boolean;
}

interface RunningOptions
  extends Pick<DetectOptions, "timestamp" | "fields" | "indicators" | "state" | "hash" | "deployment"> {
  readonly axes: Axes;
  readonly isExcepted: IsExcepted;
  readonly limits: Limits | undefined;
  readonly judge: Judge | undefined;
}

const runningRule = (
  rule: Rule,
  { timestamp = rule.timestamp, state, hash, deployment, axes, limits, judge, ...rest }: RunningOptions,
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
    alertId: alertId(rule, hash),
  });
  const step = limited(judged(stepOf(rule, detector, { ...rest, hash, deployment }), judge), limits);
  const { tick: ownTick, guard: ownGuard = always } = typeof detector === "function" ? {} : detector;
  const guard = allOf([guardOf(rule, rest.fields), ownGuard]);
  if (!ownTick) return limits ? { step, guard, tick: (tick) => limits.tick(tick) } : { step, guard };
  axes.of(timestamp);
  const alertOf = alertMaker({ rule, hash, deployment });
  return {
    step,
    guard,
    tick: (tick, times) => {
      if (limits && !limits.tick(tick)) return false;
      let hasRoom = true;
      const emit: DetectorTick["emit"] = ({ id, data, at = tick.now, found = times.get(timestamp)! }) => {
        if (judge?.tick(found, tick.note)) return hasRoom;
        const meta = new RecordMeta(rule.name, "state", 0, Math.min(at, tick.now), id);
        const made = alertOf({ data, meta });
        const passing = limits?.judge(made, tick.now, tick) ?? { alert: made, fields: {} };
        if (typeof passing === "string") return hasRoom;
        const { alert, fields } = passing;
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

const matcherOf = (rule: Rule, fields: DetectOptions["fields"]) => {
  try {
    return languageOf(typeOfRule(rule)).matcher?.(rule.query, fields) ?? every;
  } catch (error) {
    // Its file was checked without these types.
    if (error instanceof QueryError)
      throw new Error(`the query of the rule "${rule.name}" does not work: ${error.message}`);
    throw error;
  }
};

const guardOf = (rule: Rule, fields: DetectOptions["fields"]): Guard =>
  allOf([
    languageOf(typeOfRule(rule)).guard?.(rule.query, fields) ?? always,
    rule.filter ? filterGuard(rule.filter, fields) : always,
  ]);

const stepOf = (
  rule: Rule,
  detector: Detector,
  { hash, deployment, fields, isExcepted }: Pick<RunningOptions, "hash" | "deployment" | "fields" | "isExcepted">,
): RunningRule["step"] => {
  const find = typeof detector === "function" ? detector : detector.event;
  const alert = toAlert({ rule, hash, deployment });
  const matches = matcherOf(rule, fields);
  const passes = rule.filter ? compileFilter(rule.filter, fields) : every;
  return (event, tools) => {
    if (!matches(event.data, event.meta.ingested) || !passes(event.data, event.meta.ingested)) return filtered;
    if (isExcepted(event, tools)) return excepted;
    const found = find(event, tools);
    return typeof found === "string" ? found : found.map(alert);
  };
};
