import type { ValueTest } from "./comparison.ts";

/** Why a condition is true for no value. */
export interface Never {
  readonly reason: string;
  readonly hint: string;
}

const reasons = new WeakMap<ValueTest, Never>();

/** The test of a condition that Elasticsearch accepts, although no value of the field can meet it. */
export const never = (reason: string, hint: string): ValueTest => {
  const test: ValueTest = () => false;
  reasons.set(test, { reason, hint });
  return test;
};

/** Why a test is never true, if it was made by `never`. */
export const whyNever = (test: ValueTest): Never | undefined => reasons.get(test);
