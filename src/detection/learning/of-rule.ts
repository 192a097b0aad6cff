import type { State } from "../../state.ts";
import type { Hash } from "../hash.ts";
import type { Rule } from "../rule.ts";
import { memoryFingerprint } from "../rule-memory.ts";
import type { Learner } from "./learning.ts";

/** A rule as something that learns. It begins again whenever what it remembers does. `state` is that of the rule. */
export const learnerOf = (
  rule: Rule,
  {
    timestamp = rule.timestamp,
    hash,
    state,
  }: { readonly timestamp: string | undefined; readonly hash: Hash; readonly state: State },
): Learner => {
  const version = memoryFingerprint(rule, timestamp, hash);
  return { name: rule.name, version, timestamp, state: state.scope("learning") };
};
