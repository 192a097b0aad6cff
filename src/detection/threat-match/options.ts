import type { Data } from "../../json.ts";
import { type Config, option, schemaFor } from "../../option/option.ts";
import type { FilterNode } from "../filter-query.ts";
import type { Rule } from "../rule.ts";

/** A comparison of one field of an event with one of an indicator. */
export const entryOptions = {
  field: option.field("The field of the event."),
  value: option.field("The field of the indicator."),
  negate: option.boolean("The values must differ.", { default: false }),
};

const entries = option.group({
  entries: option.list(option.group(entryOptions), { minItems: 1, maxItems: 20 })(
    "What must fit one and the same indicator.",
  ),
});

const mappingOption = option.list(entries, { minItems: 1, maxItems: 100 });

/** A map of any content. */
export const mapOption = (description: string) => schemaFor<Data>({ title: "a map", type: "object", description });

/** The path of the object in an indicator that alerts show, as in Elastic. */
export const usualPath = "threat.indicator";

export const options = {
  threat_match: option.group({
    index: option.list(option.text, { minItems: 1 })(
      "The indices of the indicators; the pipeline says under `indicators` where these are.",
      { default: ["*"] },
    ),
    query: option.kql("Which indicators count; `now` is the time when the event came.", { default: "*:*" }),
    mapping: mappingOption(
      "Which fields of an event and an indicator are compared: all `entries` of one element must fit.",
    ),
    indicator_path: option.field("The object in an indicator that alerts show.", { default: usualPath }),
  })("For rules of type threat_match."),
};

export const testOptions = {
  indicators: option.list(mapOption)("The indicators that there are; each is a document.", { default: [] }),
};

/** What a rule of this type asks for. */
export type ThreatMatch = Config<typeof options>["threat_match"] & {
  /** What else an indicator must match, of a rule of Elastic. */
  readonly filter?: FilterNode;
  /** The same as it is written there. */
  readonly filters?: readonly Data[];
};

/** A rule of type `threat_match`. */
export type ThreatMatchRule = Rule & { readonly threat_match: ThreatMatch };

export type Entry = ThreatMatch["mapping"][number]["entries"][number];
