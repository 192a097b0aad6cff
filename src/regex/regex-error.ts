/** Why a pattern cannot be used, in words that begin with a small letter. */
export class RegexError extends Error {
  /** Where in the pattern, in UTF-16 units. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = "RegexError";
    this.offset = offset;
  }
}
