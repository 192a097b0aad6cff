import { defineTransform, option } from "weir";
import { partOf } from "weir/fields";
import { compileKql, type KqlOptions, kqlHeads, kqlOptionsOf } from "weir/kql";
import { queryOptions } from "weir/transform";

const unmatched = "unmatched";

/** The first names of the fields that the queries read; undefined if they may read any. */
const headsOf = (queries: readonly string[], options: KqlOptions): readonly string[] | undefined => {
  const heads = queries.map((query) => kqlHeads(query, options));
  return heads.includes(undefined) ? undefined : [...new Set(heads.flatMap((all) => all ?? []))];
};

export default defineTransform({
  name: "route",
  summary: "Sends events to named outputs by KQL queries.",
  options: {
    routes: option.map(option.kql, {
      title: "a name in snake_case other than unmatched",
      pattern: `^(?!${unmatched}$)[a-z][a-z0-9_]*$`,
    })("The query of each output. An event goes to every output whose query it matches.", {
      examples: [{ errors: "log.level:(error or fatal)" }],
    }),
    first_match: option.boolean("Whether an event goes only to the first output whose query it matches.", {
      default: false,
    }),
    ...queryOptions,
  },
  notes:
    "Other components name an output after a dot: `inputs: [levels.errors]`. Events that match no query go to `unmatched`. An output " +
    "that no component reads is an error, unless `drop_outputs` lists it; its events are counted.",
  outputs: ({ routes }) => [...Object.keys(routes), unmatched],
  defaultOutput: false,
  readsParts: ({ routes, ...types }) => headsOf(Object.values(routes), kqlOptionsOf(types)) !== undefined,
  each: ({ config: { routes, first_match, ...types } }) => {
    const queries = kqlOptionsOf(types);
    const heads = headsOf(Object.values(routes), queries);
    const ways = Object.entries(routes).map(([name, query]) => ({ name, matches: compileKql(query, queries) }));
    return (event) => {
      const names: string[] = [];
      const data = heads ? partOf(event, heads) : event.data;
      for (const { name, matches } of ways)
        if ((!first_match || names.length === 0) && matches(data, event.meta.ingested)) names.push(name);
      if (names.length === 0) names.push(unmatched);
      return { to: Object.fromEntries(names.map((name) => [name, [event]])) };
    };
  },
});
