import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { longestTimer } from "../clock.ts";
import { readClientTls } from "../http/tls.ts";
import { networkWords } from "../http-client/network-words.ts";
import { DeliveryError } from "../plugin.ts";
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
  stop: AbortSignal,
): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const shown = endpointText(target);
    const signal = AbortSignal.any([stop, AbortSignal.timeout(Math.min(connect_timeout, longestTimer))]);
    if (signal.aborted) return void reject(new DeliveryError(`cannot connect to ${shown}: there is no time left`));
    const [socket, ready] = begin(target, tls);
    const settle = (error?: Error) => {
      signal.removeEventListener("abort", giveUp);
      socket.off("error", fail);
      // Every error is followed by a close, which the owner handles.
      socket.on("error", () => undefined);
      if (!error) return resolve(socket);
      reject(error);
      socket.destroy();
    };
    const fail = (error: Error) => settle(new DeliveryError(`cannot connect: ${connectWords(error, shown)}`));
    const giveUp = () => settle(new DeliveryError(`cannot connect to ${shown} in time`));
    signal.addEventListener("abort", giveUp, { once: true });
    socket.once(ready, () => settle());
    socket.on("error", fail);
    // Without a reader, the end of the connection would not be seen.
    socket.resume();
  });

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
  if (error.code === "ENOENT") return `there is no socket at ${shown} (ENOENT)`;
  if (error.code === "EACCES") return `this user is not allowed to write to ${shown} (EACCES)`;
  if (error.code === "EPROTOTYPE")
    return `${shown} is a datagram socket, and weir can only write to stream sockets (EPROTOTYPE)`;
  if (error.code === "ECONNRESET") return `${shown} closed the connection (ECONNRESET)`;
  return networkWords(error, shown);
};
