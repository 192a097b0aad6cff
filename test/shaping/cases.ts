import { describe, expect, it } from "vitest";
import { reshape, type Written } from "./support.ts";

/** Facts of Elasticsearch's documentation and of what it tests, in cases of our own. */
export type Case = readonly [options: Written, data: Written, wanted: object | string];

/** Runs a step over each case. A text that is wanted is part of the reason for which the event is rejected. */
export const check = (name: string, cases: readonly Case[]) => {
  describe(name, () => {
    it.each(cases)("%j on %j", (options, data, wanted) => {
      const got = reshape([{ [name]: options }], data);
      if (typeof wanted === "string") expect(got).toContain(wanted);
      else expect(got).toEqual(wanted);
    });
  });
};
