import { append } from "./steps/append.ts";
import { convert } from "./steps/convert.ts";
import { date } from "./steps/date.ts";
import { dissect } from "./steps/dissect.ts";
import { drop, reject } from "./steps/ends.ts";
import { copy, keep, remove, rename } from "./steps/fields.ts";
import { grok } from "./steps/grok.ts";
import { json } from "./steps/json.ts";
import { kv } from "./steps/kv.ts";
import { cri, csv, logfmt, syslog } from "./steps/parsers.ts";
import { set } from "./steps/set.ts";
import { gsub, join, lowercase, regex, split, trim, uppercase } from "./steps/texts.ts";
import { userAgent } from "./steps/user-agent.ts";
import { flatten, hash, url } from "./steps/values.ts";

/** All steps, by the names that pipelines use. */
export const steps = {
  grok,
  rename,
  copy,
  remove,
  keep,
  convert,
  date,
  set,
  append,
  split,
  join,
  gsub,
  lowercase,
  uppercase,
  trim,
  regex,
  dissect,
  json,
  kv,
  logfmt,
  csv,
  syslog,
  cri,
  url,
  user_agent: userAgent,
  flatten,
  hash,
  drop,
  reject,
} as const;

export type StepName = keyof typeof steps;
