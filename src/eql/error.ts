import { QueryError } from "../query-error.ts";

/** What is wrong with an EQL query, and the way out. */
export class EqlError extends QueryError {
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
