import type { Rule } from "../detection/rule.ts";
import { typeOfRule } from "../detection/rule-types.ts";
import type { DetectionWatch } from "../detection/watch.ts";
import { fieldValues } from "../fields/values.ts";
import type { Data } from "../json.ts";
import { TopTerms } from "./top-terms.ts";

/** One day, in milliseconds. */
export const day = 86_400_000;

/** What an exception of a rule did. */
export interface ExceptionFindings {
  events: number;
  /** Events that it would have excepted if it had not expired. */
  expired: number;
  /** The data of the first of them. */
  readonly sample: Data;
}

/** Alerts by the day on which they came: the start of the day in UTC, in milliseconds since 1970. */
export type Days = ReadonlyMap<number, number>;

/** What a rule of a component did, in one of its profiles. */
export class RuleFindings {
  readonly rule: Rule;
  /** The component that runs it. */
  readonly component: string;
  /** Alerts since the time from which they count, and before. */
  alerts = 0;
  earlier = 0;
  suppressed = 0;
  capped = 0;
  readonly exceptions = new Map<string, ExceptionFindings>();
  readonly terms: ReadonlyMap<string, TopTerms>;
  readonly #days = new Map<number, number>();
  readonly #readers: readonly (readonly [TopTerms, (data: Data) => readonly string[]])[];
  readonly #isPart: (alert: Data) => boolean;

  constructor(rule: Rule, component: string) {
    this.rule = rule;
    this.component = component;
    const fields = fieldsOf(rule);
    this.terms = new Map(fields.map((field) => [field, new TopTerms()]));
    this.#readers = fields.map((field) => [this.terms.get(field)!, fieldValues(field)]);
    const { testAlert } = typeOfRule(rule);
    this.#isPart = (alert) => testAlert.of(alert) === undefined;
  }

  get days(): Days {
    return this.#days;
  }

  /** Counts an alert; one that is only a part of another does not count. */
  alert(data: Data, at: number, counts: boolean): void {
    if (this.#isPart(data)) return;
    if (!counts) {
      this.earlier++;
      return;
    }
    this.alerts++;
    const start = Math.floor(at / day) * day;
    this.#days.set(start, (this.#days.get(start) ?? 0) + 1);
    for (const [terms, read] of this.#readers) for (const value of new Set(read(data))) terms.add(value);
  }

  except(name: string, sample: Data, isExpired: boolean): void {
    const known = this.exceptions.get(name) ?? { events: 0, expired: 0, sample };
    this.exceptions.set(name, known);
    if (isExpired) known.expired++;
    else known.events++;
  }
}

/** The fields by which people tell alerts apart. */
export const usualFields: readonly string[] = ["user.name", "user_agent.original", "source.ip"];

/** The fields that a rule is about, and the usual ones. */
const fieldsOf = (rule: Rule): readonly string[] => {
  return [...new Set([...(typeOfRule(rule).distinguishedBy?.(rule) ?? []), ...usualFields])];
};

/** What the rules of one component did. It counts from a time on, in milliseconds since 1970, by `now`. */
export class Findings implements DetectionWatch {
  readonly rules: ReadonlyMap<string, RuleFindings>;
  readonly #now: () => number;
  readonly #since: number;

  constructor(rules: readonly Rule[], component: string, now: () => number, since = Number.NEGATIVE_INFINITY) {
    this.rules = new Map(rules.map((rule) => [rule.id, new RuleFindings(rule, component)]));
    this.#now = now;
    this.#since = since;
  }

  /** What a component sent: an alert, or a summary of held back ones, which is not an alert. */
  sent(data: Data): void {
    if (typeof data["kibana.alert.uuid"] !== "string") return;
    const at = this.#now();
    this.rules.get(String(data["kibana.alert.rule.rule_id"]))?.alert(data, at, this.#counts);
  }

  excepted({ id }: Rule, name: string, { data }: { readonly data: Data }, isExpired: boolean): void {
    if (this.#counts) this.rules.get(id)?.except(name, data, isExpired);
  }

  heldBack({ id }: Rule, by: "suppressed" | "capped"): void {
    const findings = this.rules.get(id);
    if (findings && this.#counts) findings[by]++;
  }

  get #counts(): boolean {
    return this.#now() >= this.#since;
  }
}
