import { isIP } from "node:net";
import type * as Redis from "@redis/client";
import { readClientTls } from "../http/tls.ts";
import { importPackage } from "../plugin-modules/package.ts";
import type { ValkeyServer } from "./server-options.ts";
import { valkeyWords, type WordsOptions } from "./words.ts";

/** The package that speaks the protocol, as `npm i` takes it; see docs/decisions/0039-valkey.md. */
export const valkeyPackage = "@redis/client@6";

const connectTimeout = 5_000;
/** Time limit of one use of the connection, in milliseconds. */
const patience = 10_000;

/** Where the server listens, and the number of the database. */
const placeOf = (url: string) => {
  const { hostname, port, pathname, searchParams, protocol } = new URL(url);
  if (protocol === "unix:")
    return { place: { path: decodeURIComponent(pathname) }, database: Number(searchParams.get("db")) };
  const place = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 6379) };
  return { place, database: Number(pathname.slice(1)) };
};

/** The name of the server in messages. */
const shownPlace = (url: string): string => {
  const { host, pathname } = new URL(url);
  return host === "" ? pathname : host;
};

const make = ({ createClient }: typeof Redis, { url, username, password, tls }: ValkeyServer, optionsAt: string) => {
  const { place, database } = placeOf(url);
  // TLS names servers by host names only (RFC 6066).
  const named = "host" in place && isIP(place.host) === 0 ? { servername: place.host } : {};
  const socket = { ...place, connectTimeout, reconnectStrategy: false as const };
  return createClient({
    RESP: 2,
    name: "weir",
    database,
    disableClientInfo: true,
    disableOfflineQueue: true,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    socket: url.startsWith("rediss:")
      ? { ...socket, tls: true, minVersion: "TLSv1.2", ...named, ...readClientTls(tls, optionsAt) }
      : socket,
  });
};

type Client = ReturnType<typeof make>;

/** A client that is connected, and the name that the server has given to the script. */
export interface Connected {
  readonly client: Client;
  readonly script: string;
}

/** What a connection is for. */
export interface Purpose extends WordsOptions {
  /** The script that the server runs. */
  readonly script: string;
  /** What the server is called in messages, such as `Valkey`. */
  readonly called: string;
  /** What messages say when something is wrong, such as `does not answer`. */
  readonly fails: string;
}

/** One connection to the server. After any failure it is closed, and the next use makes another one. */
export class Connection {
  /** The server, for messages. */
  readonly name: string;
  readonly #server: ValkeyServer;
  readonly #purpose: Purpose;
  #connected: Promise<Connected> | undefined;

  constructor(server: ValkeyServer, purpose: Purpose) {
    this.#server = server;
    this.#purpose = purpose;
    this.name = `${purpose.called} at ${shownPlace(server.url)}`;
  }

  /** Runs `use` on the connection. Rejects with a sentence without its full stop, and the original error as its cause. */
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
      const words = valkeyWords(error, this.#purpose);
      throw new Error(`${this.name} ${this.#purpose.fails}: ${words}`, { cause: error });
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
    const client = make(await importPackage<typeof Redis>("@redis/client"), this.#server, this.#purpose.optionsAt);
    // Each use says what went wrong.
    client.on("error", () => undefined);
    try {
      await client.connect();
      return { client, script: await client.scriptLoad(this.#purpose.script) };
    } catch (error) {
      if (client.isOpen) client.destroy();
      throw error;
    }
  }
}
