import { isIP } from "node:net";
import type * as Redis from "@redis/client";
import { readClientTls } from "../http/tls.ts";
import { importPackage } from "../plugin-modules/package.ts";
import type { ValkeyConfig } from "./options.ts";
import { observeScript } from "./script.ts";
import { valkeyWords } from "./words.ts";

/** The package that speaks the protocol, as `npm i` takes it; see docs/decisions/0039-valkey.md. */
export const valkeyPackage = "@redis/client@6";

const connectTimeout = 5_000;
/** Time limit of one use of the connection, in milliseconds. */
const patience = 10_000;

const make = ({ createClient }: typeof Redis, { url, username, password, tls }: ValkeyConfig) => {
  const { protocol, hostname, port, pathname } = new URL(url);
  const place = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 6379) };
  // TLS names servers by host names only (RFC 6066).
  const named = isIP(place.host) === 0 ? { servername: place.host } : {};
  const socket = { ...place, connectTimeout, reconnectStrategy: false as const };
  return createClient({
    RESP: 2,
    name: "weir",
    database: Number(pathname.slice(1) || 0),
    disableClientInfo: true,
    disableOfflineQueue: true,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    socket:
      protocol === "rediss:"
        ? { ...socket, tls: true, minVersion: "TLSv1.2", ...named, ...readClientTls(tls) }
        : socket,
  });
};

type Client = ReturnType<typeof make>;

/** A client that is connected, and the name that the server has given to the script. */
export interface Connected {
  readonly client: Client;
  readonly script: string;
}

/** One connection to the server. After any failure it is closed, and the next use makes another one. */
export class Connection {
  /** The server, for messages. */
  readonly name: string;
  readonly #config: ValkeyConfig;
  #connected: Promise<Connected> | undefined;

  constructor(config: ValkeyConfig) {
    this.#config = config;
    this.name = `Valkey at ${new URL(config.url).host}`;
  }

  /** Runs `use` on the connection. Rejects with a sentence, without its full stop. */
  async with<T>(signal: AbortSignal, use: (connected: Connected) => Promise<T>): Promise<T> {
    const late = AbortSignal.timeout(patience);
    const ended = Promise.withResolvers<never>();
    const end = () =>
      ended.reject(new Error(late.aborted ? `there is no answer after ${patience / 1000} s` : "stopped"));
    const either = AbortSignal.any([signal, late]);
    either.addEventListener("abort", end, { once: true });
    ended.promise.catch(() => undefined);
    try {
      if (either.aborted) end();
      this.#connected ??= this.#connect();
      return await Promise.race([this.#connected.then(use), ended.promise]);
    } catch (error) {
      this.close();
      throw new Error(`${this.name} does not answer: ${valkeyWords(error)}`, { cause: error });
    } finally {
      either.removeEventListener("abort", end);
    }
  }

  close(): void {
    const connected = this.#connected;
    this.#connected = undefined;
    void connected?.then(
      ({ client }) => {
        if (client.isOpen) client.destroy();
      },
      () => undefined,
    );
  }

  async #connect(): Promise<Connected> {
    const client = make(await importPackage<typeof Redis>("@redis/client"), this.#config);
    // Each use says what went wrong.
    client.on("error", () => undefined);
    try {
      await client.connect();
      return { client, script: await client.scriptLoad(observeScript) };
    } catch (error) {
      if (client.isOpen) client.destroy();
      throw error;
    }
  }
}
