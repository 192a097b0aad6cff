import { explainFilter } from "../detection/explain-filter.ts";
import type { AboutEvent } from "../detection/query-language.ts";
import type { Rule } from "../detection/rule.ts";
import { languageOf, setRuleType, typeOfRule } from "../detection/rule-types.ts";
import { type Explanation, explainPipeline } from "../explain/explain.ts";
import type { Story } from "../explain/journal.ts";
import type { SentEvent } from "../explain/visit.ts";
import { isObject } from "../json.ts";
import { parseJson } from "../parse-json.ts";
import type { Input } from "../pipeline-tests/format/test.ts";
import type { QueryClause } from "../query-clause.ts";
import { pipelineOf, type RuleSettings, rulesOf } from "../rule-tests/pipeline.ts";

/** What a rule makes of events. */
export interface RuleExplanation {
  readonly rule: Rule;
  /** The component of a pipeline as which it was run. */
  readonly component: string | undefined;
  /** In the order in which they came. */
  readonly events: readonly ExplainedEvent[];
  /** Alerts that came when time passed, and not with an event. */
  readonly later: readonly (RaisedAlert & { readonly at: number })[];
  /** How many more events there were. */
  readonly left: number;
  readonly logged: readonly string[];
  /** Why the run ended before its time, if it did. */
  readonly failure: string | undefined;
}

export interface ExplainedEvent {
  /** The query, clause by clause; `undefined` if its language is not about single events. */
  readonly query: QueryClause | undefined;
  /** What else it must match, beside the query. */
  readonly filter: QueryClause | undefined;
  /** In a few words: `raises 1 alert`. */
  readonly outcome: string;
  /** What the rule's type found, or the exception that the event fits. */
  readonly findings: readonly FoundStep[];
  /** What it found when time had passed. */
  readonly later: readonly (FoundStep & { readonly at: number })[];
  readonly alerts: readonly RaisedAlert[];
}

export interface FoundStep {
  readonly title: string;
  readonly outcome: string | undefined;
  readonly depth: number;
}

export interface RaisedAlert {
  readonly id: string;
  readonly reason: string;
}

export interface ExplainRequest extends RuleSettings {
  readonly input: Input;
  /** The component of a pipeline whose settings these are. */
  readonly component?: string | undefined;
  /** When weir receives the events, in milliseconds since 1970. */
  readonly at: number;
  /** How much time passes afterwards, in milliseconds. */
  readonly advance: number;
}

/**
 * Runs a rule on events, with an empty history and through the runtime of `run`, and says why each raises an alert or does
 * not. At least as much time passes afterwards as the rule holds events.
 */
export const explainRule = async (
  rule: Rule,
  { input, at, advance, component, ...settings }: ExplainRequest,
): Promise<RuleExplanation> => {
  const measured = { ...rule, timestamp: settings.timestamp ?? rule.timestamp };
  setRuleType(measured, typeOfRule(rule));
  const held = typeOfRule(rule).holds?.(measured) ?? 0;
  const passes = Math.max(advance, held === 0 ? 0 : held + patience);
  const { topology, trusted } = pipelineOf(rule, { isUnlimited: true, ...settings });
  const explanation = await explainPipeline(topology, { into: rulesOf, input, at, advance: passes }, trusted);
  const { stories, left, logged, failure } = explanation;
  return {
    rule: measured,
    component,
    events: stories
      .filter(({ made }) => !made)
      .map((story) =>
        explained(rule, story, { ingested: at, fields: settings.fields, default_fields: settings.default_fields }),
      ),
    later: laterIn(explanation),
    left,
    logged,
    failure,
  };
};

/** How much later than asked for a tick can come, in milliseconds. */
const patience = 1_000;

const explained = (rule: Rule, { json, visits }: Story, about: AboutEvent): ExplainedEvent => {
  const data = json === undefined ? undefined : parseJson(json);
  const visit = visits.find(({ component }) => component === rulesOf);
  const [own, ...findings] = visit?.steps ?? [];
  const rejected = visit?.rejected[0] ?? visit?.failure;
  return {
    query: isObject(data) ? languageOf(typeOfRule(rule)).explain?.(rule, data, about) : undefined,
    filter: isObject(data) && rule.filter ? explainFilter(rule.filter, data, about) : undefined,
    outcome: rejected ? `failed: ${rejected.message}` : (own?.outcome ?? "did not reach the rule"),
    findings: findings.map(({ title, outcome, depth }) => ({ title, outcome, depth })),
    later: visit?.laterSteps ?? [],
    alerts: (visit?.sent ?? []).map((sent) => ({ id: sent.id, reason: reasonOf(sent) })),
  };
};

const reason = "kibana.alert.reason";

const reasonOf = ({ changes }: SentEvent): string => {
  const text = changes.find(({ field }) => field.join(".") === reason)?.after;
  return text === undefined ? "" : String(parseJson(text));
};

const laterIn = ({ stories }: Explanation): RuleExplanation["later"] =>
  stories.flatMap(({ id, made, json }) => {
    if (made?.by !== rulesOf || json === undefined) return [];
    const data = parseJson(json);
    return [{ id, reason: isObject(data) ? String(data[reason] ?? "") : "", at: made.at }];
  });
