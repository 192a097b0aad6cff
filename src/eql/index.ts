export type { QueryClause } from "../query-clause.ts";
export { type CompiledEql, type CompiledEvents, compileEql, type EqlOptions } from "./compile.ts";
export type { EqlCondition } from "./condition.ts";
export { EqlError, EqlSyntaxError } from "./error.ts";
export { explainEql } from "./explain.ts";
export { formatEql } from "./format.ts";
export type { JoinKey } from "./keys.ts";
export { type EqlNever, neversIn } from "./never.ts";
export {
  type EqlExpression,
  type EqlField,
  type EqlFilter,
  type EqlItem,
  type EqlPipe,
  type EqlQuery,
  type EqlSequenceItem,
  eqlFields,
} from "./node.ts";
export { parseEql } from "./parse.ts";
export { type Candidates, type CompiledSample, type SampleHit, sampleOf, withCandidate } from "./sample.ts";
export { type Found, type SearchedEvent, searchEql } from "./search.ts";
export { type CompleteSequence, type MatcherOptions, type SequenceEvent, SequenceMatcher } from "./sequence/matcher.ts";
export type { SequencePlan } from "./sequence/plan.ts";
export type { CompiledSequence, SequenceHit } from "./sequence/sequence.ts";
export type { SequenceState, WrittenState } from "./sequence/state.ts";
export type { Value } from "./value.ts";
