import { chmodSync, rmSync, statSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { cannotListen } from "../http/listeners.ts";
import { readServerTls } from "../http/tls.ts";
import type { TcpEndpoint, UnixEndpoint } from "./endpoint.ts";
import type { SocketServerConfig } from "./options.ts";

/** How long a client may take for its TLS handshake, in milliseconds. */
const handshakeTime = 10_000;
/** How often an idle connection is probed, so that one whose client is gone ends, in milliseconds. */
const keepAlive = 60_000;

/** Listens for connections. Rejects with a sentence if it cannot. */
export const startStreamServer = async (
  endpoint: TcpEndpoint | UnixEndpoint,
  { tls, socket_mode }: Pick<SocketServerConfig, "tls" | "socket_mode">,
): Promise<Server> => {
  const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAlive };
  const server = tls
    ? createTlsServer({ ...options, ...readServerTls(tls), handshakeTimeout: handshakeTime })
    : createServer(options);
  if (endpoint.protocol === "unix") {
    await removeStale(endpoint.path);
    await listen(server, { path: endpoint.path }, endpoint.path);
    chmodSync(endpoint.path, socket_mode);
    return server;
  }
  await listen(server, { host: endpoint.host, port: endpoint.port }, `${endpoint.host}:${endpoint.port}`);
  return server;
};

const listen = (
  server: Server,
  where: { readonly path: string } | { readonly host: string; readonly port: number },
  shown: string,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(new Error(cannotListen(shown, error)));
    server.once("error", fail).listen(where, () => {
      server.off("error", fail);
      resolve();
    });
  });

/** A process that was killed leaves its socket behind, on which nobody listens. */
const removeStale = async (path: string): Promise<void> => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket())
    throw new Error(`cannot listen on "${path}": it exists and is not a socket. Choose another path.`);
  if (await isListening(path)) return;
  rmSync(path, { force: true });
};

const isListening = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket: Socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED"));
  });
