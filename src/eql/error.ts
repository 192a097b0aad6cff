import { QueryError } from "../query-error.ts";

/** What is wrong with an EQL query, and the way out. `message` is `summary` and `hint` together. */
export class EqlError extends QueryError {
  declare readonly summary: string;
  declare readonly hint: string;
  /** Where in the query's text, in UTF-16 units; `undefined` when the query was given as a tree. */
  declare readonly offset: number | undefined;

  constructor(summary: string, hint: string, offset?: number) {
    super(summary, hint, offset);
    this.name = "EqlError";
  }
}

/** The text is not EQL. */
export class EqlSyntaxError extends EqlError {
  declare readonly offset: number;

  constructor(summary: string, hint: string, offset: number) {
    super(summary, hint, offset);
    this.name = "EqlSyntaxError";
  }
}
