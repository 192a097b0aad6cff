import { timeText } from "../explain/document.ts";
import type { QueryClause } from "../query-clause.ts";
import type { RuleExplanation } from "./explain.ts";

/** The form of `weir rules explain --json`. */
export const ruleDocument = ({ rule, events, later, left, logged, failure }: RuleExplanation) => ({
  version: 1,
  rule: { name: rule.name, title: rule.title, type: rule.type },
  events: events.map(({ query, outcome, findings, alerts }) => ({
    ...(query && { query: clauseOf(query) }),
    outcome,
    findings: findings.map(({ title, outcome, depth }) => ({
      title,
      ...(outcome !== undefined && { outcome }),
      depth,
    })),
    alerts,
  })),
  later: later.map(({ id, reason, at }) => ({ id, reason, at: timeText(at) })),
  not_shown: left,
  logged,
  ...(failure !== undefined && { failure }),
});

const clauseOf = ({ kind, text, matches, parts, values, matched }: QueryClause): object => ({
  kind,
  text,
  matches,
  ...(values && { values }),
  ...(matched && { matched }),
  ...(parts.length > 0 && { parts: parts.map(clauseOf) }),
});
