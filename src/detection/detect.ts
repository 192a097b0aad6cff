import type { Event } from "../event.ts";
import { GuardIndex } from "../guard/guard-index.ts";
import { once } from "../once.ts";
import { counted } from "../text.ts";
import type { Ending } from "../transform/passing.ts";
import type { TracedStep } from "../transform/trace.ts";
import type { Keeper, KeepStep, KeepTools } from "../transform/transform.ts";
import { askAhead } from "./ahead.ts";
import { Axes } from "./axes.ts";
import type { DetectOptions } from "./detect-options.ts";
import { ingestionAxis } from "./event-time.ts";
import {
  excepted,
  exceptionFilter,
  exceptionsFor,
  placedExceptions,
  type ReadyException,
  readyExceptions,
} from "./exceptions/exceptions.ts";
import { checkSilencedTests } from "./exceptions/silenced-tests.ts";
import { unlearned } from "./learning/held.ts";
import { Learning } from "./learning/learning.ts";
import { learnerOf } from "./learning/of-rule.ts";
import { heldBack, limitsOf } from "./limits/limits.ts";
import { checkNeeds } from "./needs.ts";
import { overridden } from "./overrides/overrides.ts";
import type { Rule } from "./rule.ts";
import { typeOfRule } from "./rule-types.ts";
import { filtered, type RunningRule, runningRule } from "./running-rule.ts";
import { checkSharing } from "./sharing.ts";
import { indicatorsOfTest } from "./threat-match/indicator.ts";
import { watchedExceptions, watchedLimits } from "./watch.ts";

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
  checkNeeds(rules, options);
  checkSharing(rules, options);
  const exceptions = readyExceptions(placedExceptions(options, rules), options.fields);
  const exceptionsOf = (rule: Rule) => exceptionsFor(rule, exceptions, options);
  for (const rule of rules)
    checkSilencedTests(rule, exceptionsOf(rule), (some, state, test) =>
      keeperOf([rule], () => some, {
        indicators: indicatorsOfTest(test),
        timestamp: ingestionAxis,
        fields: options.fields,
        default_fields: test.default_fields ?? options.default_fields,
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
  const { timestamp, state, hash, isUnlimited, shared: history, ...rest } = options;
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
    const shared = history && { history, owner: [id, rule.id] };
    return runningRule(rule, { ...rest, timestamp, state, hash, axes, shared, isExcepted, limits, judge });
  });
  const steps = running.map(({ step }) => step);
  const ticks = running.flatMap(({ tick }) => tick ?? []);
  const hasIndex = steps.length >= fewRules;
  const index = once(() => new GuardIndex(running.map(({ guard }) => guard())));
  const all = [...steps.keys()];
  const event: KeepStep = (event, tools) => {
    let alerts: readonly Event[] = [];
    let silence: string = filtered;
    for (const number of hasIndex && !tools.trace ? index().holding(event.data) : all) {
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
  const needsAll = learning && (() => learning.needsAll);
  const passing = observed.length > 0 ? observes : endingOf(running, rules, needsAll);
  const ahead =
    history &&
    askAhead(
      history,
      running.flatMap(({ ahead }) => ahead ?? []),
    );
  const keeper: Keeper = { event: whole, passing, ...(ahead && { ahead }) };
  if (ticks.length === 0) return keeper;
  return {
    ...keeper,
    tick: (tick) => {
      const times = axes.at(tick);
      for (const each of ticks) if (!each(tick, times)) return;
    },
  };
};

const observes = "it measures time by the events themselves";

/** Its guards are only computed for a pipeline that runs. */
const endingOf = (running: readonly RunningRule[], rules: readonly Rule[], needsAll: Ending["needsAll"]): Ending => {
  const guards = once(() =>
    running.map(({ guard }, index) => ({ name: `the rule "${rules[index]!.name}"`, guard: guard() })),
  );
  return {
    get guards() {
      return guards();
    },
    consumed: filtered,
    needsAll,
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
