/** What is wrong with a query, and the way out. `message` is `summary` and `hint` together. */
export class QueryError extends Error {
  readonly summary: string;
  readonly hint: string;
  /** Where in the query's text, in UTF-16 units; `undefined` when the query was given as a tree. */
  readonly offset: number | undefined;

  constructor(summary: string, hint: string, offset?: number) {
    super(`${summary} ${hint}`);
    this.summary = summary;
    this.hint = hint;
    this.offset = offset;
  }
}
