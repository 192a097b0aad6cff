/** Why a text does not have a format: a sentence without its full stop. */
export class FormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FormatError";
  }
}
