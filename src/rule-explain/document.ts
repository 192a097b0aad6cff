import { timeText } from "../explain/document.ts";
import type { QueryClause } from "../query-clause.ts";
import type { FoundStep, RuleExplanation } from "./explain.ts";

/** The form of `weir rules explain --json`. */
export const ruleDocument = ({ rule, component, events, later, left, logged, failure }: RuleExplanation) => ({
  version: 1,
  rule: { name: rule.name, title: rule.title, type: rule.type, timestamp: rule.timestamp },
  ...(component !== undefined && { component }),
  events: events.map(({ query, filter, outcome, findings, later: found, alerts }) => ({
    ...(query && { query: clauseOf(query) }),
    ...(filter && { filter: clauseOf(filter) }),
    outcome,
    findings: findings.map(stepOf),
    ...(found.length > 0 && { later: found.map((step) => ({ at: timeText(step.at), ...stepOf(step) })) }),
    alerts,
  })),
  later: later.map(({ id, reason, at }) => ({ id, reason, at: timeText(at) })),
  not_shown: left,
  logged,
  ...(failure !== undefined && { failure }),
});

const stepOf = ({ title, outcome, depth }: FoundStep) => ({
  title,
  ...(outcome !== undefined && { outcome }),
  depth,
});

const clauseOf = ({ parts, ...clause }: QueryClause): object => ({
  ...clause,
  ...(parts.length > 0 && { parts: parts.map(clauseOf) }),
});
