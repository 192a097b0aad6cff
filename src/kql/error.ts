import { QueryError } from "../query-error.ts";

/** What is wrong with a KQL query, and the way out. */
export class KqlError extends QueryError {
  constructor(summary: string, hint: string, offset?: number) {
    super(summary, hint, offset);
    this.name = "KqlError";
  }
}

/** The text is not KQL. */
export class KqlSyntaxError extends KqlError {
  declare readonly offset: number;

  constructor(summary: string, hint: string, offset: number) {
    super(summary, hint, offset);
    this.name = "KqlSyntaxError";
  }
}
