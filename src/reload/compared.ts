import type { Pipeline } from "../config/load.ts";
import { digestOf } from "../plugin-modules/graph.ts";
import type { Compared } from "./difference.ts";

/** A pipeline with digests of the files that its components read when they start. Call it before they do. */
export const comparedOf = ({ topology, parts }: Pick<Pipeline, "topology" | "parts">): Compared => {
  const paths = new Set([...parts.values()].flatMap(({ files }) => [...files.values()]));
  return { topology, parts, digests: new Map([...paths].map((path) => [path, digestOf(path)])) };
};
