import type { FieldTypes } from "../../fields/mappings.ts";
import type { Data } from "../../json.ts";
import type { State } from "../../state.ts";
import type { Note, Revealed, Tick } from "../../transform/transform.ts";
import type { Hash } from "../hash.ts";
import type { Rule } from "../rule.ts";
import { AlertLimit } from "./alert-limit.ts";

/** The reasons why an event's alerts are not sent. */
export const heldBack = ["suppressed", "capped"] as const;

interface Alert {
  readonly id: string;
  readonly data: Data;
}

/** What holds back some of a rule's alerts. */
export interface Limits {
  /** The alert, perhaps with further fields, or why it is held back. `emit` sends a summary. */
  judge<A extends Alert>(
    alert: A,
    at: number,
    tools: { readonly note: Note; emit(summary: Revealed): unknown },
  ): { readonly alert: A; readonly fields: Data } | (typeof heldBack)[number];
  /** Sends summaries. False when the tick is full. */
  tick(tick: Pick<Tick, "now" | "final" | "emit">): boolean;
}

/** The limits of a rule: first its suppression, then its cap; `undefined` if it has none. `state` is that of the rule. */
export const limitsOf = (rule: Rule, state: State, hash: Hash, types?: FieldTypes): Limits | undefined => {
  const { suppression, max_alerts: cap } = rule;
  const limits = [
    ...(suppression
      ? [
          new AlertLimit({
            rule,
            by: "suppressed",
            most: 1,
            within: suppression.duration,
            fields: suppression.group_by,
            types,
            skipsMissing: suppression.missing_fields_strategy === "doNotSuppress",
            state: state.scope("alerts suppressed"),
            hash,
          }),
        ]
      : []),
    ...(cap
      ? [
          new AlertLimit({
            rule,
            by: "capped",
            most: cap.count,
            within: cap.every,
            fields: [],
            skipsMissing: false,
            state: state.scope("alerts capped"),
            hash,
          }),
        ]
      : []),
  ];
  if (limits.length === 0) return undefined;
  return {
    judge: (alert, at, tools) => {
      let fields: Data = {};
      for (const limit of limits) {
        const passing = limit.judge(alert, at, tools);
        if (passing === undefined) {
          tools.note(limit.by);
          return limit.by;
        }
        fields = { ...fields, ...passing };
      }
      return { alert, fields };
    },
    tick: (tick) => limits.every((limit) => limit.tick(tick)),
  };
};
