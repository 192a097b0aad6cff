import type { FieldType } from "../fields/types.ts";
import type { Guard } from "../guard/guard.ts";
import type { Data } from "../json.ts";
import { explainKql } from "../kql/explain.ts";
import { guardOfKql } from "../kql/guard.ts";
import { compileKql } from "../kql/index.ts";
import { type Option, option } from "../option/option.ts";

/** A language that the queries of rules are written in. */
export interface QueryLanguage {
  /** As in Elastic's rules and alerts: `kuery`. */
  readonly name: string;
  /** For people: `KQL`. */
  readonly title: string;
  /** The option that reads a query from a rule file. It reports a query that cannot be compiled, with the place. */
  option(description: string): Option<string>;
  /**
   * Compiles a query to a test of one event: of its data and the time of its ingestion, in milliseconds since 1970.
   * `fields` gives the types of fields, in place of those that ECS gives them. Without it, a query is about more than one event: then the detector gets
   * every event, and says `filtered` of those that the query does not ask for.
   */
  matcher?(query: string, fields?: Readonly<Record<string, FieldType>>): (data: Data, ingested: number) => boolean;
  /** What must hold for an event so that a query can match it. Without it, every event is tested. */
  guard?(query: string, fields?: Readonly<Record<string, FieldType>>): Guard;
  /** Says of each clause of a query whether an event matches it, for `weir rules explain`. */
  explain?(query: string, data: Data, ingested: number): QueryClause;
}

/** A part of a query, and whether an event matches it. */
export interface QueryClause {
  /** `test` compares one field; the others hold more clauses. */
  readonly kind: "and" | "or" | "not" | "test";
  /** In the language. */
  readonly text: string;
  readonly matches: boolean;
  readonly parts: readonly QueryClause[];
  /** Of a test: some of the values that the field has in the event. Absent if the test names no single field. */
  readonly values?: readonly unknown[];
  /** Of a test with several values: which of them matched. */
  readonly matched?: readonly string[];
}

/** Kibana's query language, in which a query tests one event. */
export const kql: QueryLanguage = {
  name: "kuery",
  title: "KQL",
  option: (description) => option.kql(description),
  matcher: (query, fields) => compileKql(query, { fields, unlisted: "by_value" }),
  guard: (query, fields) => guardOfKql(query, { fields, unlisted: "by_value" }),
  explain: explainKql,
};
