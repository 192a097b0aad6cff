import { compileEql } from "../../eql/index.ts";
import { option } from "../../option/option.ts";
import type { QueryLanguage } from "../query-language.ts";

const checked = (query: string): string => {
  compileEql(query);
  return query;
};

/** Elastic's Event Query Language. Its queries are about single events, or about several, so it has no `matcher`. */
export const eql: QueryLanguage = {
  name: "eql",
  title: "EQL",
  option: option.compiled("an EQL query", checked),
};
