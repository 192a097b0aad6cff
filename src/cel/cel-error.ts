/** Why an expression cannot be used, or has no value for an event: a sentence without its full stop. */
export class CelError extends Error {
  /** Where in the expression, in UTF-16 units. */
  readonly offset: number | undefined;

  constructor(message: string, offset?: number) {
    super(message);
    this.name = "CelError";
    this.offset = offset;
  }
}
