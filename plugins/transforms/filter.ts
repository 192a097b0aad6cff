import { defineTransform, option } from "weir";
import { compileKql } from "weir/kql";

export default defineTransform({
  name: "filter",
  summary: "Keeps the events that match a KQL query, and lets the others go.",
  options: {
    where: option.kql("What an event must match to be kept.", {
      examples: ["event.action:(get or list) and not user.name:system*"],
    }),
  },
  notes:
    "The query has Kibana's grammar and Elasticsearch's verdicts: `not` means that no value of the field matches, " +
    "unquoted values may hold `*`, and a colon within a value is written `\\:` or the value is quoted. The ip fields " +
    "of ECS compare as addresses and take networks such as `10.0.0.0/8`; all other fields go by the JSON type of " +
    "their values. Free text without a field, nested fields and date arithmetic are refused when the pipeline loads.",
  each: ({ config }) => {
    const matches = compileKql(config.where);
    return (event) => (matches(event.data) ? event : "filtered");
  },
});
