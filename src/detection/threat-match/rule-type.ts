import type { Data } from "../../json.ts";
import { option } from "../../option/option.ts";
import type { Contradiction } from "../contradiction.ts";
import { kql } from "../query-language.ts";
import { statedAlerts } from "../rule.ts";
import type { RuleType } from "../rule-type.ts";
import { elastic } from "./elastic.ts";
import { options, type ThreatMatch, type ThreatMatchRule, testOptions } from "./options.ts";
import { lackOf, neededFor } from "./sources.ts";
import { type FoundThreat, threatMatch } from "./threat-match.ts";

/** What is wrong with a mapping, as in Kibana. */
const mappingFlaws = (mapping: ThreatMatch["mapping"]): readonly Contradiction[] =>
  mapping.flatMap(({ entries }, index): readonly Contradiction[] => {
    const path = ["threat_match", "mapping", index];
    if (entries.every(({ negate }) => negate))
      return [{ path, message: 'All its entries have "negate"; at least one must compare values that are equal.' }];
    const both = entries.find(
      (each) =>
        each.negate &&
        entries.some(({ field, value, negate }) => !negate && field === each.field && value === each.value),
    );
    return both ? [{ path, message: `"${both.field}" would have to equal "${both.value}" and differ from it.` }] : [];
  });

/** Events with the values of an indicator raise an alert. */
export const threatMatchType: RuleType<{ readonly threat_match: ThreatMatch }> = {
  name: "threat_match",
  options,
  testOptions,
  elastic,
  check: (rule) => [
    ...mappingFlaws(rule.threat_match.mapping),
    ...statedAlerts(rule).flatMap(({ alert, path }) =>
      (alert as readonly string[]).length > 0
        ? []
        : [{ path, message: "An alert is a list of the values that indicators have, such as [192.0.2.7]." }],
    ),
  ],
  needs: ({ threat_match: { index } }) => ({
    what: neededFor(index),
    lack: ({ indicators }) => lackOf({ index }, indicators),
  }),
  sharing: () => true,
  silences: ["no_indicator"],
  detector: (rule, tools) => threatMatch(rule, tools),
  alertFields: ({ query, threat_match: { index, query: asked, mapping, indicator_path, filters } }) => ({
    "kibana.alert.rule.type": "threat_match",
    "kibana.alert.rule.category": "Indicator Match Rule",
    "kibana.alert.rule.parameters": {
      language: kql.name,
      query,
      threat_index: index,
      threat_language: kql.name,
      threat_query: asked,
      threat_mapping: mapping.map(({ entries }) => ({
        entries: entries.map(({ field, value, negate }) => ({
          field,
          type: "mapping",
          value,
          ...(negate && { negate }),
        })),
      })),
      threat_indicator_path: indicator_path,
      ...(filters && filters.length > 0 && { threat_filters: filters }),
    },
  }),
  finding: ({ data, meta }) => {
    const { threat_match: found } = data["weir"] as { readonly threat_match: FoundThreat };
    const { sentences, ...about } = found;
    return {
      eventId: meta.id,
      terms: [],
      sentences,
      fields: { weir: { threat_match: about } satisfies Data },
    };
  },
  card: (rule) => ({ title: "Indicators", text: cardText(rule) }),
  testAlert: {
    of: (alert) => {
      const { threat_match: found } = alert["weir"] as { readonly threat_match: Pick<FoundThreat, "matched"> };
      return found.matched.map(({ value }) => value);
    },
    option: option.list(option.text),
  },
};

const cardText = ({ threat_match: { index, query, mapping } }: ThreatMatchRule): string => {
  const groups = mapping.map(({ entries }) =>
    entries.map(({ field, value, negate }) => `${field} ${negate ? "differs from" : "is"} ${value}`).join(" and "),
  );
  const where = index.includes("*") ? "" : ` of ${index.join(", ")}`;
  return `Raises an alert when an indicator${where} fits the event: ${groups.join("; or ")}. Indicators that count: ${query.trim().replaceAll(/\s+/g, " ")}`;
};
