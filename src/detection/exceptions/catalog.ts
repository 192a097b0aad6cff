import type { Result } from "../../problem.ts";

/** Where the options about exceptions look files up. Paths are relative to the pipeline file. */
export interface ExceptionCatalog {
  /** The exceptions in a file, and warnings about them; `undefined` if there is no such file. */
  exceptionFile?(path: string): Result<readonly unknown[]> | undefined;
  /** The values in a file, one on each line; `undefined` if there is no such file. */
  valueList?(path: string): Result<readonly string[]> | undefined;
  /** The time, to warn of exceptions that end; in milliseconds since 1970. */
  readonly now?: number | undefined;
}
