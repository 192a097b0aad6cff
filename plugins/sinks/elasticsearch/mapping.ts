import { isObject, knownFieldTypes } from "weir/fields";

type Properties = Record<string, unknown>;

const keyword = { type: "keyword", ignore_above: 1024 };

/** How a type is mapped, if the name alone does not do. */
const ofElasticsearch: Readonly<Record<string, Properties>> = {
  constant_keyword: keyword,
  flattened: { type: "flattened", ignore_above: 8191 },
  keyword,
  scaled_float: { type: "float" },
};

/** OpenSearch refuses documents with a long text in a `flat_object`, so that these objects are only kept there. */
const ofOpenSearch: Readonly<Record<string, Properties>> = {
  ...ofElasticsearch,
  flattened: { type: "object", enabled: false },
  match_only_text: { type: "text" },
  wildcard: keyword,
};

/** Fields of alerts that ECS does not have, as far as they are not keywords. */
const ofAlerts: Readonly<Record<string, string>> = {
  "kibana.alert.start": "date",
  "kibana.alert.end": "date",
  "kibana.alert.last_detected": "date",
  "kibana.alert.original_time": "date",
  "kibana.alert.original_event.created": "date",
  "kibana.alert.original_event.end": "date",
  "kibana.alert.original_event.ingested": "date",
  "kibana.alert.original_event.start": "date",
  "kibana.alert.depth": "long",
  "kibana.alert.ancestors.depth": "long",
  "kibana.alert.risk_score": "float",
  "kibana.alert.rule.risk_score": "float",
  "kibana.alert.rule.version": "long",
  "kibana.alert.rule.description": "text",
  "kibana.alert.rule.note": "text",
  "kibana.alert.rule.false_positives": "text",
  "kibana.alert.rule.parameters": "flattened",
  "kibana.alert.suppression.docs_count": "long",
  "kibana.alert.suppression.start": "date",
  "kibana.alert.suppression.end": "date",
  "kibana.alert.threshold_result.cardinality.value": "long",
  "kibana.alert.threshold_result.count": "long",
  "kibana.alert.threshold_result.from": "date",
  "kubernetes.audit.requestReceivedTimestamp": "date",
  "kubernetes.audit.stageTimestamp": "date",
  // Whatever is in them, they are one field each.
  "kubernetes.audit.annotations": "flattened",
  "kubernetes.audit.requestObject": "flattened",
  "kubernetes.audit.responseObject": "flattened",
  "kubernetes.audit.user.extra": "flattened",
  "kubernetes.audit.impersonatedUser.extra": "flattened",
  weir: "flattened",
};

/** Terms of rules can be numbers in one alert and texts in the next. */
const keywords = [
  "kibana.alert.new_terms",
  "kibana.alert.suppression.terms.value",
  "kibana.alert.threshold_result.cardinality.field",
  "kibana.alert.threshold_result.terms.value",
];

/** Types that objects have: what is in them is mapped as it comes. */
const isOfObjects = (type: string): boolean => type === "object" || type === "nested";

/**
 * The mapping of alerts: types as in ECS, and keywords for all other texts. `kibana.alert.reason` can be searched for words and
 * compared as a whole.
 */
export const alertMapping = (isOpenSearch: boolean) => {
  const properties: Properties = {};
  const add = (name: string, mapped: Properties) => put(properties, name.split("."), mapped);
  const typed = (type: string) => (isOpenSearch ? ofOpenSearch : ofElasticsearch)[type] ?? { type };
  for (const [name, type] of knownFieldTypes()) if (type !== "keyword" && !isOfObjects(type)) add(name, typed(type));
  for (const [name, type] of Object.entries(ofAlerts)) add(name, typed(type));
  for (const name of keywords) add(name, keyword);
  add("kibana.alert.reason", { ...keyword, ignore_above: 8191, fields: { text: typed("match_only_text") } });
  add("user_agent.original", { ...keyword, fields: { text: typed("match_only_text") } });
  return {
    date_detection: false,
    dynamic_templates: [{ texts: { match_mapping_type: "string", mapping: keyword } }],
    properties,
  };
};

/** Sets the mapping of a field. A field that is one whole has no fields below it. */
const put = (properties: Properties, [name = "", ...rest]: readonly string[], mapped: Properties): void => {
  const own = properties[name];
  if (rest.length === 0) {
    properties[name] = mapped;
    return;
  }
  if (isObject(own) && "type" in own) return;
  const below = isObject(own) && isObject(own["properties"]) ? own["properties"] : {};
  properties[name] = { properties: below };
  put(below as Properties, rest, mapped);
};
