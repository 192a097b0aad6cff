import { type BigIntStats, type Stats, statSync } from "node:fs";

/**
 * What is at a path that a person wrote; `undefined` if there is nothing, or the path is one that no file can have, because it is
 * too long or contains a NUL.
 */
export const fileStats = (path: string): Stats | undefined => orNothing(() => statSync(path));

/** As `fileStats`, in whole nanoseconds. */
export const exactFileStats = (path: string): BigIntStats | undefined =>
  orNothing(() => statSync(path, { bigint: true }));

const orNothing = <Found>(look: () => Found): Found | undefined => {
  try {
    return look();
  } catch {
    return undefined;
  }
};
