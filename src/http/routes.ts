import { type Config, option } from "../option/option.ts";
import type { Decoding } from "./content.ts";
import { formed } from "./options.ts";
import { Refusal } from "./problem.ts";

const routeOptions = {
  path: formed("a path that begins with / or *, without query", "^[/*][^?#\\s]*$")(
    "The path, without query; `*` stands for any part of it.",
    { examples: ["/audit", "/logs/*"] },
  ),
  framing: option.optional(
    option.oneOf("newline", "whole", "items")("How bodies are cut, whatever their Content-Type says."),
  ),
  codec: option.optional(option.oneOf("json", "text")("How records are read, whatever their Content-Type says.")),
};

/** Paths that are taken, each with its own decoding if need be. */
export const routesOption = option.list(option.group(routeOptions))("The paths that are taken; without any, all are.", {
  default: [],
  examples: [[{ path: "/audit" }, { path: "/syslog", framing: "newline", codec: "text" }]],
});
export type Route = Config<typeof routeOptions>;

/** How bodies at a path are read; undefined leaves that to the Content-Type. May throw a `Refusal`. */
export type FindRoute = (path: string) => Decoding | undefined;

/** Finds the first route that a path fits; the function throws a `Refusal`, 404, when there is none. */
export const findRoute = (routes: readonly Route[]): FindRoute => {
  if (routes.length === 0) return () => undefined;
  const compiled = routes.map(({ path, framing, codec }) => ({
    pattern: new RegExp(`^${path.split("*").map(escaped).join(".*")}$`, "s"),
    decoding: framing === undefined && codec === undefined ? undefined : { framing, codec },
  }));
  return (path) => {
    const found = compiled.find(({ pattern }) => pattern.test(path));
    if (found) return found.decoding;
    const known = routes.map((route) => route.path).join(", ");
    throw new Refusal(404, `Nothing is taken at "${path}"; known are ${known}.`);
  };
};

const escaped = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
