import { readFileSync } from "node:fs";

/**
 * The largest resident set of this process so far, in bytes. On Linux it is VmHWM of /proc/self/status (proc(5)):
 * ru_maxrss of getrusage(2) would start from the memory of the parent process, because it survives fork and exec.
 */
export const peakMemory = (): number => {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(ownStatus())?.[1];
  return (kibibytes === undefined ? process.resourceUsage().maxRSS : Number(kibibytes)) * 1024;
};

const ownStatus = (): string => {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    return "";
  }
};
