import type { Problem } from "../problem.ts";

/** The problem of a file that cannot be read, so that no place in it can be shown. */
export const unreadable = (
  what: "pipeline" | "rule" | "test" | "exception" | "list",
  file: string,
  { message }: Error,
): Problem => ({
  severity: "error",
  code: "config/unreadable-file",
  message: `The ${what} file "${file}" cannot be read: ${message}.`,
  file,
  line: 1,
  column: 1,
});
