/** The path itself cannot be written to, until a person changes something. */
export class PathError extends Error {}

/**
 * Errors of the system that last: the path is a directory, leads through a file or too many links, is too long, is not
 * permitted, or is on a read-only file system. All others may pass, such as a full disk, a failing device or too many open
 * files.
 */
const lasting = new Set([
  "EACCES",
  "EEXIST",
  "EINVAL",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "ENODEV",
  "ENOTDIR",
  "ENXIO",
  "EPERM",
  "EROFS",
]);

/** Whether an error is about the path, and will be the same at the next attempt. */
export const isLasting = (error: unknown): boolean =>
  error instanceof PathError || lasting.has(String((error as NodeJS.ErrnoException).code));
