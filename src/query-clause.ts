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
