import { append } from "./steps/append.ts";
import { convert } from "./steps/convert.ts";
import { drop, reject } from "./steps/ends.ts";
import { copy, keep, remove, rename } from "./steps/fields.ts";
import { grok } from "./steps/grok.ts";
import { set } from "./steps/set.ts";

/** All steps, by the names that pipelines use. */
export const steps = { grok, rename, copy, remove, keep, convert, set, append, drop, reject } as const;

export type StepName = keyof typeof steps;
