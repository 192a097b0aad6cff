import type { Data } from "../../json.ts";
import { option } from "../../option/option.ts";
import { filterQuery, NoCounterpart } from "../elastic-filter.ts";
import type { ElasticForm } from "../elastic-form.ts";
import { whyNotIn } from "../elastic-types.ts";
import { kql } from "../query-language.ts";
import { entryOptions, mapOption, type ThreatMatch, usualPath } from "./options.ts";

const entry = option.group({
  ...entryOptions,
  type: option.oneOf("mapping")("The only type.", { default: "mapping" }),
});

const mapping = option.list(
  option.group({
    entries: option.list(entry, { minItems: 1, maxItems: 20 })("What must fit one and the same indicator."),
  }),
  { minItems: 1, maxItems: 100 },
);

const count = (description: string) => option.optional(option.integer(description, { minimum: 1 }));

interface Fields {
  readonly threat_index: readonly string[];
  readonly threat_query: string;
  readonly threat_mapping: ThreatMatch["mapping"];
  readonly threat_filters: readonly Data[];
  readonly threat_indicator_path: string;
}

/** The filters as a query; `undefined` if there are none, or if weir has no counterpart of one: then none has an effect. */
const filterIn = (filters: readonly unknown[]) => {
  try {
    return filterQuery(filters);
  } catch (error) {
    if (error instanceof NoCounterpart) return error;
    throw error;
  }
};

export const elastic: ElasticForm = {
  fields: {
    threat_index: option.list(option.text, { minItems: 1 })("The indices of the indicators."),
    threat_query: option.kql("Which indicators count.", { default: "*:*" }),
    threat_mapping: mapping("Which fields are compared."),
    threat_filters: option.list(mapOption)("What else an indicator must match.", { default: [] }),
    threat_indicator_path: option.field("The object in an indicator that alerts show.", { default: usualPath }),
    threat_language: option.text("The language of threat_query.", { default: kql.name }),
    concurrent_searches: count("How Elasticsearch is searched."),
    items_per_search: count("How Elasticsearch is searched."),
  },
  part: (fields) => {
    const { threat_index, threat_query, threat_mapping, threat_filters, threat_indicator_path } =
      fields as unknown as Fields;
    const filter = filterIn(threat_filters);
    return {
      threat_match: {
        index: threat_index,
        query: threat_query.trim(),
        mapping: threat_mapping.map(({ entries }) => ({
          entries: entries.map(({ field, value, negate }) => ({ field, value, negate })),
        })),
        indicator_path: threat_indicator_path,
        ...(filter && !(filter instanceof NoCounterpart) && { filter }),
        filters: threat_filters,
      } satisfies ThreatMatch,
    };
  },
  placeOf: (path) => (path[1] === "mapping" ? ["threat_mapping", ...path.slice(2)] : path),
  whyNot: ({ threat_language: language }) =>
    typeof language === "string" && language !== kql.name
      ? { field: "threat_language", why: whyNotIn(language) }
      : undefined,
  notHonoured: ({ threat_filters: filters, concurrent_searches, items_per_search }) => [
    ...(Array.isArray(filters) && filterIn(filters) instanceof NoCounterpart
      ? [{ field: "threat_filters", why: "weir has no counterpart of some of them; so there may be more alerts" }]
      : []),
    ...Object.entries({ concurrent_searches, items_per_search }).flatMap(([field, value]) =>
      value === undefined ? [] : [{ field, why: "weir searches no index: an event is one look-up", isUsual: true }],
    ),
  ],
};
