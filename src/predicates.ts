import type { Data } from "./json.ts";

/** What is true or not of a document; it is pure, and never throws. */
type Predicate = (document: Data) => boolean;

/** True if all are true. Predicates are pure, so their order is free: one that is false moves up, so that the most selective comes first. */
export const every = (predicates: readonly Predicate[]): Predicate => {
  const order = [...predicates];
  return (document) => {
    for (let i = 0; i < order.length; i++)
      if (!order[i]!(document)) {
        if (i > 0) [order[i - 1], order[i]] = [order[i]!, order[i - 1]!];
        return false;
      }
    return true;
  };
};

/** True if one is true; that one moves up. */
export const some = (predicates: readonly Predicate[]): Predicate => {
  const order = [...predicates];
  return (document) => {
    for (let i = 0; i < order.length; i++)
      if (order[i]!(document)) {
        if (i > 0) [order[i - 1], order[i]] = [order[i]!, order[i - 1]!];
        return true;
      }
    return false;
  };
};
