import type { RuleFilter } from "../detection/rules-option.ts";

/** Which rules a command is about, as its options say. */
export interface RuleFilterOptions {
  readonly type?: readonly string[];
  readonly tag?: readonly string[];
  readonly integration?: readonly string[];
  readonly severity?: readonly string[];
  readonly maturity?: readonly string[];
}

/** The same as in a pipeline. */
export const filterOf = ({ type, tag, integration, severity, maturity }: RuleFilterOptions): RuleFilter => ({
  ...(type && { types: type }),
  ...(tag && { tags: tag }),
  ...(integration && { integrations: integration }),
  ...(severity && { severities: severity }),
  ...(maturity && { maturity }),
});
