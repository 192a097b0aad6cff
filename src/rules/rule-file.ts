import type { Rule } from "../detection/rule.ts";
import type { RuleType } from "../detection/rule-type.ts";
import type { Problem, Result } from "../problem.ts";

/** A rule file, read as far as possible. */
export interface ReadRule {
  readonly file: string;
  readonly about: About;
  readonly result: Result<Rule>;
  /** Why the rule cannot run although nothing is wrong with its file. */
  readonly cannotRun?: string;
  readonly notHonoured: readonly NotHonoured[];
}

/** A field of a rule that makes a difference in Elastic, and none in weir. */
export interface NotHonoured {
  readonly field: string;
  /** Whether there can be other alerts because of it. For example, what is only for Kibana's pages makes no difference. */
  readonly matters: boolean;
  /** The same as a warning, with the reason and the place. */
  readonly problem: Problem;
}

/** What rules are chosen by, as far as the file says it. */
export interface About {
  readonly name: string;
  readonly title?: string | undefined;
  readonly type?: string | undefined;
  readonly language?: string | undefined;
  readonly severity?: string | undefined;
  readonly tags: readonly string[];
  readonly integrations: readonly string[];
  /** Of rules of Elastic, such as `production`. */
  readonly maturity?: string | undefined;
}

export interface ReadOptions {
  readonly file: string;
  readonly name: string;
  /** The types that a rule can have; by default those that come with weir. */
  readonly types?: readonly RuleType[] | undefined;
  /** What the text of a YAML file has, if that is known. */
  readonly values?: unknown;
}
