import { compileGlob } from "../glob.ts";
import { type Config, option } from "../option/option.ts";
import { shortened } from "../text.ts";
import type { Decoding } from "./content.ts";
import { formed } from "./options.ts";
import { Refusal } from "./problem.ts";

const routeOptions = {
  path: formed("a path that begins with / or *, without a query", "^[/*][^?#\\s]*$")(
    "The path without a query; `*` matches any part of it.",
    { examples: ["/audit", "/logs/*"] },
  ),
  framing: option.optional(
    option.oneOf("newline", "whole", "items")("How to split bodies, regardless of their Content-Type."),
  ),
  codec: option.optional(option.oneOf("json", "text")("How to decode records, regardless of their Content-Type.")),
};

/** Accepted paths, each with its own decoding if necessary. */
export const routesOption = option.list(option.group(routeOptions))("The accepted paths; empty accepts all.", {
  default: [],
  examples: [[{ path: "/audit" }, { path: "/syslog", framing: "newline", codec: "text" }]],
});
export type Route = Config<typeof routeOptions>;

/** How to read bodies at a path; undefined leaves it to the Content-Type. May throw a `Refusal`. */
export type FindRoute = (path: string) => Decoding | undefined;

/** Finds the first route that matches a path; the function throws a `Refusal`, 404, when there is none. */
export const findRoute = (routes: readonly Route[]): FindRoute => {
  if (routes.length === 0) return () => undefined;
  const compiled = routes.map(({ path, framing, codec }) => ({
    matches: compileGlob(path.split("*")),
    decoding: framing === undefined && codec === undefined ? undefined : { framing, codec },
  }));
  return (path) => {
    const found = compiled.find(({ matches }) => matches(path));
    if (found) return found.decoding;
    const known = shortened(routes.map((route) => route.path).join(", "), 500);
    throw new Refusal(404, `There is nothing at "${shortened(path, 200)}"; the paths here are ${known}.`);
  };
};
