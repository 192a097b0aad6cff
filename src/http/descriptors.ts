import { readFileSync } from "node:fs";

/** What is assumed where the system does not tell its limit. */
const assumed = 1024;

/** How many files and connections the process may have open (RLIMIT_NOFILE). */
const mostDescriptors = (): number => {
  try {
    const [, limit] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit ?? assumed);
  } catch {
    return assumed;
  }
};

/** All servers of this process. */
const servers = new Set<object>();

/** Counts a server, and forgets it. */
export const addServer = (server: object): void => void servers.add(server);
export const removeServer = (server: object): void => void servers.delete(server);

/** The servers share a quarter of the descriptors equally, so that the rest suffices for files, sinks and the database. */
export const connectionsOfOne = (): number =>
  Math.max(4, Math.floor(mostDescriptors() / 4 / Math.max(1, servers.size)));
