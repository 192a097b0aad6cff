import type { FieldType } from "../fields/types.ts";
import type { Guard } from "../guard/guard.ts";
import type { Data } from "../json.ts";
import { explainKql } from "../kql/explain.ts";
import { guardOfKql } from "../kql/guard.ts";
import { compileKql, type KqlNever } from "../kql/index.ts";
import { type Option, option } from "../option/option.ts";
import type { QueryClause } from "../query-clause.ts";
import type { Rule } from "./rule.ts";

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
   * `fields` gives the types of fields, in place of those that ECS gives them. A language without it has queries about more
   * than one event: then the detector gets every event, and says `filtered` of those that the query does not ask for.
   */
  matcher?(query: string, fields?: Readonly<Record<string, FieldType>>): (data: Data, ingested: number) => boolean;
  /** What must hold for an event so that a query can match it. Without it, every event is tested. */
  guard?(query: string, fields?: Readonly<Record<string, FieldType>>): Guard;
  /** What in a query has no effect, such as a condition that no value of its field's type can meet: in sentences. */
  withoutEffect?(rule: Rule, fields?: Readonly<Record<string, FieldType>>): readonly string[];
  /** Says of each clause of a rule's query whether an event matches it, for `weir rules explain`. */
  explain?(rule: Rule, data: Data, about: AboutEvent): QueryClause;
}

/** What a query knows about an event, beside its data. */
export interface AboutEvent {
  /** When weir received it, in milliseconds since 1970. */
  readonly ingested: number;
  /** The types of fields that the pipeline gives. */
  readonly fields?: Readonly<Record<string, FieldType>> | undefined;
}

/** The sentence about a condition that is never true. */
export const neverText = (field: string, reason: string, hint: string): string =>
  `The condition on "${field}" is never true: ${reason}. ${hint}`;

/** Kibana's query language, in which a query tests one event. */
export const kql: QueryLanguage = {
  name: "kuery",
  title: "KQL",
  option: (description) => option.kql(description),
  matcher: (query, fields) => compileKql(query, { fields, unlisted: "by_value" }),
  guard: (query, fields) => guardOfKql(query, { fields, unlisted: "by_value" }),
  withoutEffect: ({ query }, fields) => {
    const found: string[] = [];
    const onNever = ({ field, reason, hint }: KqlNever) => found.push(neverText(field, reason, hint));
    compileKql(query, { fields, unlisted: "by_value", onNever });
    return found;
  },
  explain: ({ query }, data, { ingested, fields }) =>
    explainKql(query, data, ingested, { fields, unlisted: "by_value" }),
};
