import { defineTransform, option } from "weir";
import { compileKql } from "weir/kql";

export default defineTransform({
  name: "switch",
  summary: "Sends each event to the first route whose query it matches.",
  options: {
    routes: option.map(option.kql, { title: "a name", pattern: "^[a-z][a-z0-9_]*$" })("The query of each route.", {
      examples: [{ errors: "log.level:(error or fatal)" }],
    }),
  },
  outputs: ({ routes }) => Object.keys(routes),
  each: ({ config: { routes } }) => {
    const ways = Object.entries(routes).map(([name, query]) => ({ name, matches: compileKql(query) }));
    return (event) => {
      const way = ways.find(({ matches }) => matches(event.data, event.meta.ingested));
      return way ? { to: { [way.name]: [event] } } : event;
    };
  },
});
