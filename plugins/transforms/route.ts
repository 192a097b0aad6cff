import { defineTransform, option } from "weir";
import { compileKql } from "weir/kql";

const unmatched = "unmatched";

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
  },
  notes:
    "Other components name an output after a dot: `inputs: [levels.errors]`. Events that match no query go to `unmatched`. An output " +
    "that no component reads is an error, unless `drop_outputs` lists it; its events are counted.",
  outputs: ({ routes }) => [...Object.keys(routes), unmatched],
  defaultOutput: false,
  each: ({ config: { routes, first_match } }) => {
    const ways = Object.entries(routes).map(([name, query]) => ({ name, matches: compileKql(query) }));
    return (event) => {
      const names: string[] = [];
      for (const { name, matches } of ways)
        if ((!first_match || names.length === 0) && matches(event.data, event.meta.ingested)) names.push(name);
      if (names.length === 0) names.push(unmatched);
      return { to: Object.fromEntries(names.map((name) => [name, [event]])) };
    };
  },
});
