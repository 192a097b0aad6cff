import type { Deployment } from "../context.ts";
import { type Event, RecordMeta } from "../event.ts";
import type { Data } from "../json.ts";
import type { State } from "../state.ts";
import { counted } from "../text.ts";
import type { TracedStep } from "../transform/trace.ts";
import type { Keeper, KeepStep, KeepTools, Tick } from "../transform/transform.ts";
import { alertId } from "./alert-id.ts";
import { type Axis, axisOf } from "./axis.ts";
import { ingestionAxis } from "./event-time.ts";
import type { Hash } from "./hash.ts";
import type { Rule } from "./rule.ts";
import type { Detector, DetectorTick, EventTools } from "./rule-type.ts";
import { languageOf, typeOfRule } from "./rule-types.ts";
import { alertMaker, toAlert } from "./to-alert.ts";

export interface DetectOptions {
  /** The rules, or lists of them as `rulesOption` decodes them. Each runs once. */
  readonly rules: readonly (Rule | readonly Rule[])[];
  /** The field with the event's time, which overrides the one that each rule names. */
  readonly timestamp?: string | undefined;
  readonly state: State;
  readonly hash: Hash;
  /** Where weir runs, for alerts. */
  readonly deployment?: Deployment | undefined;
}

/**
 * Runs detection rules, for `keep`: for an event, it sends one alert for each rule and finding, in the order of the rules.
 * For each rule, its query, the detector of its type and `toAlert` run in turn. An event without an alert is consumed: as
 * `filtered` if no query matched, otherwise with the strongest reason that a type gives. Ticks go to the rules whose type
 * has them, each on the axis of its rule.
 */
export const detect = ({ rules: given, timestamp, state, hash, deployment }: DetectOptions): Keeper => {
  const rules = distinct(given.flat());
  const order = [filtered, ...rules.flatMap((rule) => typeOfRule(rule).silences)];
  const stronger = (a: string, b: string): string => (a === b || order.indexOf(a) > order.indexOf(b) ? a : b);
  const axes = new Axes(state);
  const running = rules.map((rule) => runningRule(rule, { timestamp, state, hash, deployment, axes }));
  const steps = running.map(({ step }) => step);
  const ticks = running.flatMap(({ tick }) => tick ?? []);
  const event: KeepStep = (event, tools) => {
    let alerts: readonly Event[] = [];
    let silence: string = filtered;
    for (const [index, step] of steps.entries()) {
      const found = tools.trace ? traced(step, rules[index]!, event, tools) : step(event, tools);
      if (typeof found === "string") silence = stronger(silence, found);
      else alerts = alerts.length === 0 ? found : [...alerts, ...found];
    }
    return alerts.length > 0 ? alerts : silence;
  };
  if (ticks.length === 0) return { event };
  const observed = axes.ofEvents();
  return {
    event: (given, tools) => {
      for (const axis of observed) axis.observe(given);
      return event(given, tools);
    },
    tick: (tick) => {
      const times = axes.at(tick);
      for (const each of ticks) if (!each(tick, times)) return;
    },
  };
};

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
const traced = (step: RunningRule["step"], { name }: Rule, event: Event, { note, trace }: KeepTools) => {
  const parts: TracedStep[] = [];
  const found = step(event, { note, trace: (part) => void parts.push(part) });
  trace?.({ title: `rule ${name}`, outcome: outcomeOf(found) });
  for (const part of parts) trace?.({ ...part, depth: 1 + (part.depth ?? 0) });
  return found;
};

const outcomeOf = (found: string | readonly Event[]): string => {
  if (typeof found !== "string") return `raises ${counted(found.length, "alert")}`;
  return found === filtered ? "its query does not match" : `its query matches, but no alert: ${found}`;
};

/** The axes of the rules: one for each field with a time. */
class Axes {
  readonly #state: State;
  readonly #axes = new Map<string, Axis>();

  constructor(state: State) {
    this.#state = state;
  }

  of(timestamp: string): Axis {
    // No id of a rule begins like this, and a scope has no "/" in its name.
    const name = `axis ${timestamp.replaceAll("/", "|")}`;
    const axis = this.#axes.get(timestamp) ?? axisOf(timestamp, this.#state.scope(name));
    this.#axes.set(timestamp, axis);
    return axis;
  }

  ofEvents(): readonly Axis[] {
    return [...this.#axes].flatMap(([timestamp, axis]) => (timestamp === ingestionAxis ? [] : axis));
  }

  /** The time on each axis at a tick. */
  at(tick: Tick): ReadonlyMap<string, number> {
    return new Map([...this.#axes].map(([timestamp, axis]) => [timestamp, axis.now(tick)]));
  }
}

interface RunningRule {
  /** Returns alerts, or the reason why there is none. */
  step(event: Event, tools: EventTools): readonly Event[] | string;
  /** Returns false when the tick is full. */
  readonly tick?: (tick: Tick, times: ReadonlyMap<string, number>) => boolean;
}

const runningRule = (
  rule: Rule,
  { timestamp = rule.timestamp, state, hash, deployment, axes }: Omit<DetectOptions, "rules"> & { readonly axes: Axes },
): RunningRule => {
  const type = typeOfRule(rule);
  const own = state.scope(rule.id);
  const onAxis = withWake(own, (at) => axes.of(timestamp).wake(at));
  const detector = type.detector(rule, { timestamp, state: onAxis, hash, alertId: alertId(rule, hash) });
  const step = stepOf(rule, detector, { hash, deployment });
  if (typeof detector === "function") return { step };
  axes.of(timestamp);
  const alertOf = alertMaker({ rule, hash, deployment });
  return {
    step,
    tick: (tick, times) => {
      let hasRoom = true;
      const emit: DetectorTick["emit"] = ({ id, data, at = tick.now }) => {
        const meta = new RecordMeta(rule.name, "state", 0, Math.min(at, tick.now), id);
        const alert = alertOf({ data, meta });
        hasRoom = tick.emit({ id: alert.id, data: alert.data, at });
        return hasRoom;
      };
      detector.tick({ now: times.get(timestamp)!, final: tick.final, note: tick.note, emit });
      return hasRoom;
    },
  };
};

/** A state whose `wake` is another one. */
const withWake = (state: State, wake: State["wake"]): State => ({
  get: (key) => state.get(key),
  set: (key, value, expires) => state.set(key, value, expires),
  delete: (key) => state.delete(key),
  scan: (prefix, options) => state.scan(prefix, options),
  sweep: (before) => state.sweep(before),
  scope: (name) => state.scope(name),
  wake,
});

const every = (_data: Data): boolean => true;

const stepOf = (
  rule: Rule,
  detector: Detector,
  { hash, deployment }: Pick<DetectOptions, "hash" | "deployment">,
): RunningRule["step"] => {
  const find = typeof detector === "function" ? detector : detector.event;
  const alert = toAlert({ rule, hash, deployment });
  const matches = languageOf(typeOfRule(rule)).matcher?.(rule.query) ?? every;
  return (event, tools) => {
    if (!matches(event.data)) return filtered;
    const found = find(event, tools);
    return typeof found === "string" ? found : found.map(alert);
  };
};
