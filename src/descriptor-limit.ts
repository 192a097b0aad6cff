import { readFileSync } from "node:fs";

/** What is assumed where the system does not tell its limit. */
const assumed = 1024;

/** How many files and connections the process may have open at a time (RLIMIT_NOFILE); infinite without a limit. */
export const descriptorLimit = (): number => {
  try {
    const [, limit] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit ?? assumed);
  } catch {
    return assumed;
  }
};
