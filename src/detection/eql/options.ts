import { type Config, option } from "../../option/option.ts";
import type { Rule } from "../rule.ts";

/** The field of the category if a rule names none. */
export const category = "event.category";

/** How long the events of a sequence are held if a rule does not say it, in milliseconds. */
export const lateness = 10_000;

/** The part of a rule file that only rules of type `eql` have. */
export const options = {
  correlation: option.group({
    window: option.window("How long a sequence without maxspan, or a sample, may take.", { default: "6m" }),
    lateness: option.duration(
      "How long the events of a sequence are held to put late ones in order; not by `event.ingested`.",
      { default: "10s" },
    ),
    tiebreaker: option.optional(option.field("The field that puts events of the same time in order.")),
    category: option.field("The field of the category, which stands before `where`.", { default: category }),
  })("For rules of type eql."),
};

/** A rule of type `eql`. */
export type EqlRule = Rule & Config<typeof options>;
