import type { Data } from "../json.ts";
import { type Options, option } from "../option/option.ts";
import type { Contradiction } from "./contradiction.ts";

/** How Elastic's rule files (TOML) write what only rules of one type have. */
export interface ElasticForm {
  /** The fields in `[rule]` that rules of other types do not have. */
  readonly fields: Options;
  /** The rule's part, made from these fields. `from` is how far a run of the rule looks back, in milliseconds. */
  part(fields: Data, times: { readonly from: number }): Data;
  /** Why a rule with these fields, as they are written, cannot run, and which of them is the cause. */
  whyNot?(fields: Data): { readonly field: string; readonly why: string } | undefined;
  /** Those of its fields that are not honoured, and why. `isUsual`: it makes no difference to alerts. */
  notHonoured?(fields: Data): readonly { readonly field: string; readonly why: string; readonly isUsual?: boolean }[];
  /** Where such a file writes what is at a path of the rule. */
  placeOf?(path: Contradiction["path"]): Contradiction["path"];
  /** The fields by which its alerts are suppressed if the rule names none. */
  suppressedBy?(fields: Data): readonly string[];
}

const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  H: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** How long before now a time such as `now-7d` is, in milliseconds. Throws if it is not of this form. */
const timeAgo = (text: string): number => {
  const [, count, unit = ""] = /^now-(\d{1,6})([smhHdw])$/.exec(text) ?? [];
  const ago = Number(count) * (units[unit] ?? Number.NaN);
  if (ago > 0) return ago;
  throw Object.assign(new Error(`"${text}" is none that weir can read`), {
    hint: "Write a whole number and one of s, m, h, d and w: now-9m.",
  });
};

/** A time before now, in Elastic's date math. It is decoded to milliseconds before now. */
export const agoOption = option.compiled("a time before now such as now-9m", timeAgo);
