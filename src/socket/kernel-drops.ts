import { readFileSync } from "node:fs";

/**
 * How many datagrams the system has dropped because the buffers of the UDP sockets on a port were full; 0 where it does not
 * say. Linux has a line for each socket in /proc/net/udp and udp6: `sl local_address rem_address … drops`.
 */
export const kernelDrops = (port: number): number => {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return ["/proc/net/udp", "/proc/net/udp6"]
    .flatMap((path) => linesOf(path))
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words[1]?.endsWith(wanted))
    .reduce((sum, words) => sum + (Number(words.at(-1)) || 0), 0);
};

const linesOf = (path: string): readonly string[] => {
  try {
    return readFileSync(path, "utf8").split("\n").slice(1);
  } catch {
    return [];
  }
};
