/** Why weir does not run a type of Elastic's rules, and the fields that only its rules have. */
export interface MissingType {
  readonly why: string;
  readonly fields: readonly string[];
}

/** The types of Elastic's rules that weir does not have. A type that is built leaves this list and joins `ruleTypes`. */
export const missingTypes: Readonly<Record<string, MissingType>> = {
  esql: {
    why: "ES|QL is a language of pipelines over tables, which weir does not have yet",
    fields: [],
  },
  machine_learning: {
    why: "it needs a trained job of Elasticsearch's machine learning",
    fields: ["anomaly_threshold", "machine_learning_job_id"],
  },
  saved_query: {
    why: "its query is stored in Kibana, and not in this file",
    fields: ["saved_id"],
  },
};

/** Why weir does not run a query in this language. */
export const whyNotIn = (language: string): string =>
  language === "lucene"
    ? "its query is in Lucene's language, which weir does not have"
    : `its query is in the language "${language}", which rules of this type do not have in weir`;
