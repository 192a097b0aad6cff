import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { readClientTls } from "../http/tls.ts";
import { networkWords } from "../http-client/network-words.ts";
import { attempt } from "./attempt.ts";
import { endpointText, type Target, type UdpEndpoint } from "./endpoint.ts";
import type { SocketClientConfig } from "./options.ts";

/** How often an idle connection is probed, in milliseconds. */
const keepAlive = 30_000;

/**
 * Connects, and resolves with the open connection, whose input is discarded. Rejects with a `DeliveryError`, also when `signal`
 * aborts.
 */
export const connectStream = (
  target: Exclude<Target, UdpEndpoint>,
  { tls, connect_timeout }: Pick<SocketClientConfig, "tls" | "connect_timeout">,
  signal: AbortSignal,
): Promise<Socket> =>
  attempt(
    ({ settle }) => {
      const [socket, ready] = begin(target, tls);
      // Without a reader, the end of the connection would not be seen.
      return socket.once(ready, () => settle()).resume();
    },
    {
      target: endpointText(target),
      connect_timeout,
      signal,
      destroy: (socket) => socket.destroy(),
      words: connectWords,
    },
  );

const begin = (target: Exclude<Target, UdpEndpoint>, tls: SocketClientConfig["tls"]): readonly [Socket, string] => {
  if (target.protocol === "unix") return [connect(target.path), "connect"];
  const { host, port, isSecure } = target;
  const options = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAlive };
  if (!isSecure) return [connect(options), "connect"];
  // Names only: TLS has no server name for an address.
  const servername = /^[0-9.]+$|:/.test(host) ? {} : { servername: host };
  return [connectTls({ ...options, ...servername, ...readClientTls(tls) }), "secureConnect"];
};

const connectWords = (error: NodeJS.ErrnoException, shown: string): string => {
  if (error.code === "ENOENT") return `the socket ${shown} does not exist (ENOENT)`;
  if (error.code === "EACCES") return `this user is not allowed to write to ${shown} (EACCES)`;
  if (error.code === "EPROTOTYPE")
    return `${shown} is a datagram socket; weir can write only to stream sockets (EPROTOTYPE)`;
  if (error.code === "ECONNRESET") return `${shown} closed the connection (ECONNRESET)`;
  return networkWords(error, shown);
};
