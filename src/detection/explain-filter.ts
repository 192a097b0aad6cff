import type { Data } from "../json.ts";
import { explainKql } from "../kql/explain.ts";
import type { QueryClause } from "../query-clause.ts";
import { compileFilter, type FilterNode, optionsOf } from "./filter-query.ts";
import type { AboutEvent } from "./query-language.ts";

/** Says of each part of a filter whether an event matches it. */
export const explainFilter = (node: FilterNode, data: Data, about: AboutEvent): QueryClause => {
  switch (node.type) {
    case "and":
    case "or": {
      const { type } = node;
      const parts = node.nodes.map((each) => explainFilter(each, data, about));
      const isTrue = ({ matches }: QueryClause) => matches;
      const text = parts.map((part) => (part.kind === "test" ? part.text : `(${part.text})`)).join(` ${type} `);
      return { kind: type, text, matches: type === "and" ? parts.every(isTrue) : parts.some(isTrue), parts };
    }
    case "not": {
      const inner = explainFilter(node.node, data, about);
      const text = inner.kind === "test" ? `not ${inner.text}` : `not (${inner.text})`;
      return { kind: "not", text, matches: !inner.matches, parts: [inner] };
    }
    case "wildcard": {
      const matches = compileFilter(node, about.fields)(data, about.ingested);
      return { kind: "test", text: `${node.field}: ${node.pattern}`, matches, parts: [] };
    }
    default:
      return explainKql(node, data, about.ingested, optionsOf(about.fields));
  }
};
