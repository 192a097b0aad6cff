import { messageOf } from "./commit-error.ts";

/** What is on the disk cannot be read. It says nothing about an event, so the run ends. */
export class StorageError extends Error {
  constructor(cause: unknown) {
    super(
      `cannot read weir.db: ${messageOf(cause)}. If it is damaged, put back a copy of the whole data dir, or start once with weir run --recover`,
      { cause },
    );
    this.name = "StorageError";
  }
}

/** Runs a read of the database. Throws a `StorageError` if it fails. */
export const reading = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw new StorageError(error);
  }
};
