import type { FieldType } from "../fields/types.ts";
import type { Guard } from "../guard/guard.ts";
import type { Data } from "../json.ts";
import { explainKql } from "../kql/explain.ts";
import { freeTextIn } from "../kql/free-text.ts";
import { guardOfKql } from "../kql/guard.ts";
import { compileKql, type KqlNever, kqlOptionsOf, parseKql } from "../kql/index.ts";
import { decodeKqlOfRule } from "../option/kql.ts";
import { type Option, type Options, option, schemaFor } from "../option/option.ts";
import { defaultFieldsOption } from "../option/query-options.ts";
import type { QueryClause } from "../query-clause.ts";
import type { Needed } from "./needed.ts";
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
   * A language without it has queries about more than one event: then the detector gets every event, and says `filtered` of
   * those that the query does not ask for.
   */
  matcher?(query: string, given: QueryFields): (data: Data, ingested: number) => boolean;
  /** What must hold for an event so that a query can match it. Without it, every event is tested. */
  guard?(query: string, given: QueryFields): Guard;
  /** What the pipeline must give, so that a query can be compiled; `undefined` if nothing. */
  needs?(query: string): Needed | undefined;
  /** What a test of a rule with such a query has in addition. */
  readonly testOptions?: Options;
  /** What in a query has no effect, such as a condition that no value of its field's type can meet: in sentences. */
  withoutEffect?(rule: Rule, given: QueryFields): readonly string[];
  /** Says of each clause of a rule's query whether an event matches it, for `weir rules explain`. */
  explain?(rule: Rule, data: Data, about: AboutEvent): QueryClause;
}

/** What a pipeline says about the fields in queries. */
export interface QueryFields {
  /** The types of fields, in place of those that ECS gives them. */
  readonly fields?: Readonly<Record<string, FieldType>> | undefined;
  /** The fields to search for a text that names no field. */
  readonly default_fields?: readonly string[] | undefined;
}

/** What a query knows about an event, beside its data. */
export interface AboutEvent extends QueryFields {
  /** When weir received it, in milliseconds since 1970. */
  readonly ingested: number;
}

/** The sentence about a condition that is never true. */
export const neverText = (field: string, reason: string, hint: string): string =>
  `The condition on "${field}" is never true: ${reason}. ${hint}`;

/** Kibana's query language, in which a query tests one event. */
export const kql: QueryLanguage = {
  name: "kuery",
  title: "KQL",
  option: (description) => schemaFor<string>({ ...option.kql(description), decode: decodeKqlOfRule }),
  matcher: (query, given) => compileKql(query, kqlOptionsOf(given)),
  guard: (query, given) => guardOfKql(query, kqlOptionsOf(given)),
  needs: (query) => {
    const text = freeTextIn(parseKql(query));
    return text === undefined ? undefined : { what: "default_fields", lack: (given) => lackOf(text, given) };
  },
  testOptions: {
    default_fields: option.optional(
      defaultFieldsOption("The fields to search for a text that names no field, as the pipeline gives them."),
    ),
  },
  withoutEffect: ({ query }, given) => {
    const found: string[] = [];
    const onNever = ({ field, reason, hint }: KqlNever) => found.push(neverText(field, reason, hint));
    compileKql(query, { ...kqlOptionsOf(given), onNever });
    return found;
  },
  explain: ({ query }, data, { ingested, ...given }) => explainKql(query, data, ingested, kqlOptionsOf(given)),
};

const lackOf = (text: string, { default_fields: fields = [] }: Pick<QueryFields, "default_fields">) =>
  fields.length > 0
    ? undefined
    : {
        message: `its query has the text "${text}" without a field`,
        hint: "Say which fields to search: default_fields: [message].",
      };
