/** Why a file is no table: a sentence without its full stop. */
export class TableError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TableError";
  }
}
