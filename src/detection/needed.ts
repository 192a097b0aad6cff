import type { IndicatorSource } from "./threat-match/indicator.ts";

/** What a pipeline gives to its rules, beside events. */
export interface GivenToRules {
  readonly indicators: readonly Pick<IndicatorSource, "index">[];
  /** The fields to search for a text that names no field. */
  readonly default_fields?: readonly string[] | undefined;
}

/** What a rule needs beside events. */
export interface Needed {
  /** In a few words: `indicators of logs-ti_*`. */
  readonly what: string;
  /** Why what a pipeline gives is not enough, and the way out; `undefined` if it is. */
  lack(given: GivenToRules): Lack | undefined;
}

/** For people: why a rule cannot run, and the way out. */
export interface Lack {
  readonly message: string;
  readonly hint: string;
}
