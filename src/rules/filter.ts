import type { RuleFilter } from "../detection/rules-option.ts";
import type { About } from "./rule-file.ts";

/** Why a filter leaves a rule out; `undefined` if it does not, or if the file does not say enough. */
export const whyLeftOut = (about: About, filter: RuleFilter): string | undefined => {
  const { title, type, severity, maturity, tags, integrations } = about;
  // A file that could not be read is reported, not left out.
  if (title === undefined && type === undefined) return undefined;
  const has = (values: readonly (string | undefined)[], wanted: readonly string[] | undefined) =>
    wanted === undefined || wanted.some((value) => values.includes(value));
  if (!has([type], filter.types)) return `its type is ${type}`;
  if (!has([severity], filter.severities)) return `its severity is ${severity}`;
  if (!has([maturity], filter.maturity)) return `its maturity is ${maturity ?? "not given"}`;
  if (!has(tags, filter.tags)) return "it has none of the tags";
  if (!has(integrations, filter.integrations)) return "it is not for these integrations";
  return undefined;
};
