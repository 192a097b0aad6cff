import { type Hash, tuple } from "./hash.ts";
import type { Rule } from "./rule.ts";
import { typeOfRule } from "./rule-types.ts";

/**
 * Says which rule something remembered is of: with another fingerprint, a rule begins from empty. `timestamp`: the field with
 * the event's time.
 */
export const memoryFingerprint = (rule: Rule, timestamp: string, hash: Hash): string =>
  hash(tuple([rule.type, rule.query, timestamp, ...(typeOfRule(rule).memory?.(rule) ?? [])]));
