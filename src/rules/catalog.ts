import type { Result } from "../problem.ts";
import type { Rule } from "./rule.ts";

/** The rules that a pipeline can name. */
export interface RuleCatalog {
  /** Names of the rules that come with weir, sorted. */
  names(): readonly string[];
  /** A rule by its name, or by the path of its file; `undefined` when there is none. */
  get(nameOrPath: string): Result<Rule> | undefined;
}
