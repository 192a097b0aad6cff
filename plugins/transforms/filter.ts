import { defineTransform, type Event, option } from "weir";
import { partOf } from "weir/fields";
import { compileKql, guardOfKql, kqlHeads, kqlOptionsOf } from "weir/kql";
import { queryOptions } from "weir/transform";

const filtered = "filtered";

export default defineTransform({
  name: "filter",
  summary: "Keeps the events that match a KQL query, and consumes the others.",
  options: {
    where: option.kql("What an event must match to be kept.", {
      examples: ["event.action:(get or list) and not user.name:system*"],
    }),
    ...queryOptions,
  },
  notes:
    "The query has the syntax of Kibana, and matches as in Elasticsearch: `not` means that no value of the field matches, " +
    "and unquoted values may contain `*`. Write a colon in a value as `\\:`, or quote the value. Fields of ECS and of " +
    "Kubernetes audit events have the types that Elastic gives them, and all others the JSON type of their values; `fields` changes " +
    "that. So addresses are compared as addresses, also with networks such as `10.0.0.0/8`; dates with dates, such as " +
    "`event.created >= now-7d/d`, where `now` is when weir received the event; a full text such as `message` word by word; and of " +
    "keyword fields such as `user_agent.original`, values of more than 1,024 characters do not exist, because Elastic does not index " +
    "them.",
  passing: ({ config }) => ({
    guards: [{ name: "where", guard: guardOfKql(config.where, kqlOptionsOf(config)) }],
    consumed: filtered,
  }),
  readsParts: (config) => kqlHeads(config.where, kqlOptionsOf(config)) !== undefined,
  each: ({ config }) => {
    const matches = compileKql(config.where, kqlOptionsOf(config));
    const heads = kqlHeads(config.where, kqlOptionsOf(config));
    const read = heads ? (event: Event) => partOf(event, heads) : ({ data }: Event) => data;
    return (event) => (matches(read(event), event.meta.ingested) ? event : filtered);
  },
});
