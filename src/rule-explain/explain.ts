import type { QueryClause } from "../detection/query-language.ts";
import type { Rule } from "../detection/rule.ts";
import { languageOf, typeOfRule } from "../detection/rule-types.ts";
import type { IndicatorSource } from "../detection/threat-match/indicator.ts";
import { type Explanation, explainPipeline } from "../explain/explain.ts";
import type { Story } from "../explain/journal.ts";
import type { SentEvent } from "../explain/visit.ts";
import { isObject } from "../json.ts";
import { parseJson } from "../parse-json.ts";
import type { Input } from "../pipeline-tests/format/test.ts";
import { pipelineOf, rulesOf } from "../rule-tests/pipeline.ts";

/** What a rule makes of events. */
export interface RuleExplanation {
  readonly rule: Rule;
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
  /** In a few words: `raises 1 alert`. */
  readonly outcome: string;
  /** What the rule's type found. */
  readonly findings: readonly {
    readonly title: string;
    readonly outcome: string | undefined;
    readonly depth: number;
  }[];
  readonly alerts: readonly RaisedAlert[];
}

export interface RaisedAlert {
  readonly id: string;
  readonly reason: string;
}

interface Request {
  readonly input: Input;
  /** When weir receives the events, in milliseconds since 1970. */
  readonly at: number;
  /** How much time passes afterwards, in milliseconds. */
  readonly advance: number;
  /** For a rule that compares events with them. */
  readonly indicators?: readonly IndicatorSource[];
}

/** Runs a rule on events, with an empty history and through the runtime of `run`, and says why each raises an alert or does not. */
export const explainRule = async (
  rule: Rule,
  { input, at, advance, indicators = [] }: Request,
): Promise<RuleExplanation> => {
  const { topology, trusted } = pipelineOf(rule, indicators);
  const explanation = await explainPipeline(topology, { into: rulesOf, input, at, advance }, trusted);
  const { stories, left, logged, failure } = explanation;
  return {
    rule,
    events: stories.filter(({ made }) => !made).map((story) => explained(rule, story, at)),
    later: laterIn(explanation),
    left,
    logged,
    failure,
  };
};

const explained = (rule: Rule, { json, visits }: Story, at: number): ExplainedEvent => {
  const data = json === undefined ? undefined : parseJson(json);
  const visit = visits.find(({ component }) => component === rulesOf);
  const [own, ...findings] = visit?.steps ?? [];
  const rejected = visit?.rejected[0] ?? visit?.failure;
  return {
    query: isObject(data) ? languageOf(typeOfRule(rule)).explain?.(rule.query, data, at) : undefined,
    outcome: rejected ? `failed: ${rejected.message}` : (own?.outcome ?? "did not reach the rule"),
    findings: findings.map(({ title, outcome, depth }) => ({ title, outcome, depth })),
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
