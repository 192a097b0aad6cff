import type { Connection } from "./connection.ts";

/** What becomes of what the server loses, such as `is new again`. */
interface Losses {
  readonly lost: string;
}

/** What in the settings of the server can lose data, as the rest of sentences. Some servers do not tell. */
export const flawsOf = (connection: Connection, signal: AbortSignal, { lost }: Losses): Promise<readonly string[]> =>
  connection.with(signal, async ({ client }) => {
    try {
      const { appendonly } = await client.configGet("appendonly");
      const { maxmemory } = await client.configGet("maxmemory");
      const { "maxmemory-policy": policy } = await client.configGet("maxmemory-policy");
      return [
        ...(appendonly === "no" ? [`has appendonly off: what it forgets in a crash ${lost}`] : []),
        ...(maxmemory !== "0" && policy !== undefined && policy !== "noeviction"
          ? [`may evict keys (maxmemory-policy is "${policy}"): what it evicts ${lost}; set it to "noeviction"`]
          : []),
      ];
    } catch (error) {
      if (/^(ERR|NOPERM)/.test((error as Error).message)) return [];
      throw error;
    }
  });
