import { keptOf } from "../detection/new-terms/kept.ts";
import type { Observation } from "../detection/new-terms/observe.ts";
import { repeatable } from "../detection/new-terms/shared.ts";
import type { Ask, SharedHistory } from "../detection/shared-history.ts";
import type { Connected, Connection, Purpose } from "./connection.ts";
import type { ValkeyConfig } from "./options.ts";
import { observeScript } from "./script.ts";

/** The most keys in one round trip, unless a single event has more. */
const mostKeys = 10_000;

/** What a connection to a history is for. */
export const historyPurpose: Purpose = {
  script: observeScript,
  called: "Valkey",
  fails: "does not answer",
  optionsAt: "state.",
  rights: "weir runs EVALSHA and SCRIPT LOAD, and GET and SET on its keys",
};

/** A history of new terms in Valkey or Redis. The script on the server makes each observation. */
export class ValkeyHistory implements SharedHistory {
  readonly #connection: Connection;
  readonly #config: Pick<ValkeyConfig, "prefix" | "disorder">;

  constructor(connection: Connection, config: Pick<ValkeyConfig, "prefix" | "disorder">) {
    this.#connection = connection;
    this.#config = config;
  }

  async observe(asks: readonly Ask[], signal: AbortSignal): Promise<readonly (readonly Observation[])[]> {
    const answers: (readonly Observation[])[] = [];
    while (answers.length < asks.length) {
      const some = upTo(mostKeys, asks.slice(answers.length));
      const replies = await this.#connection.with(signal, (connected) => this.#send(connected, some));
      for (const [index, { keys }] of some.entries()) answers.push(read(replies[index], keys.length));
    }
    return answers;
  }

  /** All in one round trip: the client writes them together, and the server runs them in this order. */
  #send({ client, script }: Connected, asks: readonly Ask[]): Promise<readonly unknown[]> {
    const { prefix, disorder } = this.#config;
    return Promise.all(
      asks.map(({ owner, once, keys, at, window, lateness }) => {
        // The braces keep the keys of a history together where keys are divided among servers.
        const own = `${prefix}{${owner.join("/")}}:`;
        const { lifetime, runs } = keptOf({ window, lateness });
        const numbers = [at, window, Math.min(disorder, window), lifetime, runs, repeatable];
        return client.evalSha(script, {
          keys: [once, ...keys].map((key) => own + key),
          arguments: numbers.map((number) => number.toFixed(0)),
        });
      }),
    );
  }
}

const upTo = (most: number, asks: readonly Ask[]): readonly Ask[] => {
  let total = 0;
  const over = asks.findIndex(({ keys }, index) => {
    total += keys.length;
    return index > 0 && total > most;
  });
  return over < 0 ? asks : asks.slice(0, over);
};

const read = (reply: unknown, keys: number): readonly Observation[] => {
  const lines = typeof reply === "string" ? reply.split("\n") : [];
  if (lines.length !== keys)
    throw new Error(`the server answered with ${lines.length} observations in place of ${keys}`);
  return lines.map((line) => {
    const [isNew, previous, runs = ""] = line.split(" ");
    const ends = runs.split(",").map(Number);
    const entry: (readonly [number, number])[] = [];
    for (let i = 0; i + 1 < ends.length; i += 2) entry.push([ends[i]!, ends[i + 1]!]);
    return { isNew: isNew === "1", previous: previous === "-" ? undefined : Number(previous), entry };
  });
};
