import { type Hash, tuple } from "./hash.ts";
import type { DetectorTools } from "./rule-type.ts";

/** Makes the ids of a rule's alerts: the same rule, ancestors and terms give the same id, and others give another. */
export const alertId =
  (rule: { readonly id: string }, hash: Hash): DetectorTools["alertId"] =>
  ({ ancestors, terms }) =>
    hash(tuple([rule.id, ...ancestors.map(({ id }) => id), ...terms.map(({ value }) => value)]));
