import type { DeliveryPlace } from "weir/sink";
import type { Connected } from "weir/valkey";
import { type Entry, type Failure, inParts, namesKey } from "./entries.ts";

/** How long the names of the latest events are kept after a write, in milliseconds. */
const keptFor = 7 * 24 * 3_600_000;

export interface AttemptOptions {
  readonly place: DeliveryPlace;
  /** Events before this place cannot come again. */
  readonly settled: number;
  /** The command that writes an event. */
  readonly command: string;
  /** How many entries to keep at most. */
  readonly most: number | undefined;
  /** Whether the key depends on the event. */
  readonly choosesKey: boolean;
}

/** Writes entries in one round trip. Returns those that can never be written. Rejects with the first error that is not about a key. */
export const writeEntries = async (
  { client, script }: Connected,
  byKey: ReadonlyMap<string, readonly Entry[]>,
  options: AttemptOptions,
): Promise<readonly Failure[]> => {
  const { place, settled, command, most = 0 } = options;
  const fixed = [command, String(most), String(settled), String(keptFor)];
  const calls = [...byKey].flatMap(([key, entries]) =>
    inParts(entries).map(async (part) => {
      const texts = part.flatMap((entry) => [String(entry.place), entry.name, ...entry.texts]);
      const given = [...fixed, String(part[0]!.texts.length), ...texts];
      try {
        await client.evalSha(script, { keys: [key, namesKey(key, place.writer)], arguments: given });
        return [];
      } catch (error) {
        const about = flawOfKey(error as Error);
        if (about === undefined || !options.choosesKey) throw error;
        const message = `the key ${JSON.stringify(key.slice(0, 100))} ${about}`;
        return part.map(({ index }) => ({ index, message, final: true }));
      }
    }),
  );
  const results = await Promise.allSettled(calls);
  const error = results.find((result) => result.status === "rejected");
  if (error) throw error.reason;
  return results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
};

/** What is wrong with the key, if the error is about the key. Other errors can be temporary. */
const flawOfKey = ({ message }: Error): string | undefined => {
  if (/\bWRONGTYPE\b/.test(message)) return "holds a value of another type (WRONGTYPE)";
  // Redis 7.0 has another message for commands in a script.
  if (/\bNOPERM\b.*\b(keys?|channels?)\b|^ERR The user executing the script can't (access|publish)/i.test(message))
    return "is not permitted for the user (NOPERM)";
  return undefined;
};
