import type { FieldType } from "../../fields/types.ts";
import type { Data } from "../../json.ts";
import { compileKql, type KqlNode, type KqlPredicate, parseKql } from "../../kql/index.ts";
import { compileFilter } from "../filter-query.ts";
import type { ThreatMatch } from "./options.ts";

/** Which indicators count. */
export interface IndicatorFilter {
  /** False if an indicator does not count at any time. */
  ever(data: Data): boolean;
  /** Whether an indicator counts at a time, in milliseconds since 1970, if it ever counts. */
  now(data: Data, at: number): boolean;
}

/** The conditions of a rule about indicators: those without `now` are decided once for each indicator. */
export const filterOf = (
  { query, filter }: Pick<ThreatMatch, "query" | "filter">,
  fields: Readonly<Record<string, FieldType>> | undefined,
): IndicatorFilter => {
  const conditions = query.trim() === "" ? [] : conditionsOf(parseKql(query));
  const lasting: KqlPredicate[] = [];
  const passing: ((data: Data, at: number) => boolean)[] = filter ? [compileFilter(filter, fields)] : [];
  for (const condition of conditions) {
    let isPassing = false;
    const onNow = () => {
      isPassing = true;
    };
    const predicate = compileKql(condition, { fields, unlisted: "by_value", onNow });
    (isPassing ? passing : lasting).push(predicate);
  }
  return {
    ever: (data) => lasting.every((predicate) => predicate(data)),
    now: (data, at) => passing.every((predicate) => predicate(data, at)),
  };
};

const conditionsOf = (node: KqlNode): readonly KqlNode[] =>
  node.type === "and" ? node.nodes.flatMap(conditionsOf) : [node];
