import type { Event } from "../event.ts";
import type { Data } from "../json.ts";
import type { Note } from "../transform/transform.ts";
import { exceptedBy, expiredException, type IsExcepted } from "./exceptions/exceptions.ts";
import type { heldBack, Limits } from "./limits/limits.ts";
import type { Rule } from "./rule.ts";

/** Sees what becomes no alert although a rule looked for it, as it happens. For `weir backtest`. */
export interface DetectionWatch {
  /** An event was excepted, or would have been if the exception had not expired. */
  excepted(rule: Rule, exception: string, event: Event, isExpired: boolean): void;
  heldBack(rule: Rule, by: (typeof heldBack)[number], alert: Data): void;
}

/** The same filter, watched. */
export const watchedExceptions = (
  isExcepted: IsExcepted,
  rule: Rule,
  watch: DetectionWatch | undefined,
): IsExcepted => {
  if (!watch) return isExcepted;
  return (event, tools) => {
    const note: Note = (name, count) => {
      for (const start of [exceptedBy, expiredException])
        if (name.startsWith(start)) watch.excepted(rule, name.slice(start.length), event, start === expiredException);
      tools.note(name, count);
    };
    return isExcepted(event, { ...tools, note });
  };
};

/** The same limits, watched. */
export const watchedLimits = (
  limits: Limits | undefined,
  rule: Rule,
  watch: DetectionWatch | undefined,
): Limits | undefined => {
  if (!limits || !watch) return limits;
  return {
    ...limits,
    judge: (alert, at, tools) => {
      const judged = limits.judge(alert, at, tools);
      if (typeof judged === "string") watch.heldBack(rule, judged, alert.data);
      return judged;
    },
  };
};
