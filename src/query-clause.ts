/** A part of a query, and whether an event matches it. */
export interface QueryClause {
  /** `test` compares fields; `events` are those of a sequence or a sample, `event` is one of them; the others hold more clauses. */
  readonly kind: "and" | "or" | "not" | "test" | "events" | "event";
  /** In the language of the query. */
  readonly text: string;
  readonly matches: boolean;
  readonly parts: readonly QueryClause[];
  /** Of a test: some of the values that the field has in the event. Absent if the test names no single field. */
  readonly values?: readonly unknown[];
  /** Of a test with several values: which of them matched. */
  readonly matched?: readonly string[];
  /** Of a test of several fields, or that computes something: what is compared, and its values. */
  readonly inputs?: readonly { readonly text: string; readonly values: readonly unknown[] }[];
  /** The test is neither true nor false, because something in it is missing or null. */
  readonly unknown?: true;
  /** The type of the field, if the field has values and none of them is of this type. */
  readonly unreadable?: string;
  /** Why there is no verdict: then the event does not match. */
  readonly failure?: string;
  /** Of an event of a sequence or a sample: which one it is, such as `step 1 of 2`. */
  readonly place?: string;
  /** Of such an event: for each field by which events are joined, its values. Without one, the event is in no sequence. */
  readonly keys?: readonly { readonly field: string; readonly values: readonly unknown[] }[];
}
