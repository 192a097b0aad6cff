import type { Connection } from "./connection.ts";

/** What happens to data that the server loses, such as `counts as new again`. */
interface Losses {
  readonly lost: string;
  /** Whether it matters that a crash of the server loses its last seconds. */
  readonly isExact?: boolean;
}

/** The settings of the server that can lose data, in words that follow its name. Empty if the server does not tell its settings. */
export const flawsOf = (
  connection: Connection,
  signal: AbortSignal,
  { lost, isExact = false }: Losses,
): Promise<readonly string[]> =>
  connection.with(signal, async ({ client }) => {
    try {
      const { appendonly } = await client.configGet("appendonly");
      const { appendfsync } = await client.configGet("appendfsync");
      const { maxmemory } = await client.configGet("maxmemory");
      const { "maxmemory-policy": policy } = await client.configGet("maxmemory-policy");
      return [
        ...(appendonly === "no" ? [`has appendonly off: what it loses in a crash ${lost}`] : []),
        ...(isExact && appendonly === "yes" && appendfsync !== undefined && appendfsync !== "always"
          ? [
              `can lose its last seconds in a crash (appendfsync is "${appendfsync}"): what it loses ${lost}; set it to "always"`,
            ]
          : []),
        ...(maxmemory !== "0" && policy !== undefined && policy !== "noeviction"
          ? [`may evict keys (maxmemory-policy is "${policy}"): what it evicts ${lost}; set it to "noeviction"`]
          : []),
      ];
    } catch (error) {
      if (/^(ERR|NOPERM)/.test((error as Error).message)) return [];
      throw error;
    }
  });
