import { defineTransform, option } from "weir";
import { compileKql } from "weir/kql";

export default defineTransform({
  name: "filter",
  summary: "Keeps the events that match a KQL query, and consumes the others.",
  options: {
    where: option.kql("What an event must match to be kept.", {
      examples: ["event.action:(get or list) and not user.name:system*"],
    }),
  },
  notes:
    "The query has the syntax of Kibana, and matches as in Elasticsearch: `not` means that no value of the field matches, " +
    "and unquoted values may contain `*`. Write a colon in a value as `\\:`, or quote the value. Fields of ECS have " +
    "its types: ip fields are compared as addresses, also with networks such as `10.0.0.0/8`; of keyword fields such as " +
    "`user_agent.original`, values of more than 1,024 characters do not exist, because Elastic does not index them; in " +
    "wildcard fields such as `url.full` and `process.command_line` a pattern is split at its spaces, and one of its parts must " +
    "match. The keyword fields of Kubernetes audit events have the same limit. All other fields are compared by the JSON type " +
    "of their values, of any length, and so is full text, such as `message`, for now. " +
    "Free text without a field, nested fields and date arithmetic are reported as errors when the pipeline is loaded.",
  each: ({ config }) => {
    const matches = compileKql(config.where);
    return (event) => (matches(event.data, event.meta.ingested) ? event : "filtered");
  },
});
