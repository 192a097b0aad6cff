import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * What listens on an address: it accepts connections, and hands them to the server that owns it. It can outlive the server:
 * while listeners are kept, it holds new connections until the next server of the address takes them.
 */
interface Listener {
  readonly socket: Server;
  readonly address: string;
  owner: Server | undefined;
  /** Hands a connection to its owner. */
  give: (connection: Socket) => void;
  /** Connections that nothing was read from yet. */
  readonly held: Set<Socket>;
}

export interface Lease {
  readonly address: AddressInfo;
  /** The server gets no more connections. The address is free, unless listeners are kept. */
  release(): void;
}

const listeners = new Map<string, Listener>();
let keeping = 0;

/** Connections that a listener holds at most; further ones are closed. */
const mostHeld = 1024;
/** How long to wait for a server that is about to release its address, in milliseconds. */
const longestWait = 10_000;

/** Keeps all listeners open until the returned function is called, which closes those that no server took over. */
export const keepListeners = (): (() => void) => {
  keeping++;
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    keeping--;
    for (const listener of [...listeners.values()]) if (!listener.owner) end(listener);
  };
};

/**
 * Listens on an address for a server that will start soon, so that it cannot fail. Call it while listeners are kept. Rejects
 * with a sentence if it cannot listen there.
 */
export const listenAhead = async (address: string): Promise<void> => {
  // Whether all addresses of a port can be used shows when the one that is used now is free.
  if (!ofPort(address).some(({ owner }) => owner) && !listeners.has(address)) await open(address);
};

/** The listeners on this port, of any address. */
const ofPort = (address: string): readonly Listener[] => {
  const port = address.slice(address.lastIndexOf(":"));
  return [...listeners.values()].filter((listener) => listener.address.endsWith(port));
};

/**
 * Gives the connections of an address to a server, or to `give` for it. Rejects with a sentence if it cannot listen there.
 */
export const listenFor = async (
  owner: Server,
  address: string,
  allowHalfOpen: boolean,
  give: (connection: Socket) => void = (connection) => void owner.emit("connection", connection),
): Promise<Lease> => {
  const kept = keeping > 0 ? listeners.get(address) : undefined;
  for (let waited = 0; kept?.owner && waited < longestWait; waited += 20) await sleep(20);
  const listener = kept && !kept.owner && listeners.get(address) === kept ? kept : await open(address);
  const { socket, held } = listener;
  listener.owner = owner;
  listener.give = give;
  socket.maxConnections = owner.maxConnections;
  Object.assign(socket, { pauseOnConnect: false, allowHalfOpen });
  // It never listens itself: this starts the checks of its time limits.
  owner.emit("listening");
  for (const connection of held) {
    held.delete(connection);
    give(connection);
    connection.resume();
  }
  return {
    address: socket.address() as AddressInfo,
    release: () => {
      if (listener.owner !== owner) return;
      listener.owner = undefined;
      if (keeping === 0) end(listener);
      else Object.assign(socket, { pauseOnConnect: true });
    },
  };
};

const open = (address: string): Promise<Listener> => {
  // The last server of this port may have had another address, and be gone.
  for (const listener of ofPort(address)) if (!listener.owner) end(listener);
  const [, bracketed, plain, port] = /^(?:\[(.*)\]|(.*)):([0-9]+)$/.exec(address) ?? [];
  const socket = createServer({ noDelay: true, pauseOnConnect: true });
  const listener: Listener = { socket, address, owner: undefined, give: () => undefined, held: new Set() };
  socket.on("connection", (connection) => take(listener, connection));
  socket.on("drop", (drop) => listener.owner?.emit("drop", drop));
  return new Promise((resolve, reject) => {
    socket.once("error", (error: NodeJS.ErrnoException) => reject(new Error(cannotListen(address, error))));
    socket.listen({ host: bracketed ?? plain, port: Number(port) }, () => {
      socket.on("error", (error) => listener.owner?.emit("error", error));
      // Nobody asks for the same free port again.
      if (port !== "0") listeners.set(address, listener);
      resolve(listener);
    });
  });
};

const take = ({ owner, give, held }: Listener, connection: Socket): void => {
  if (owner) {
    give(connection);
    return;
  }
  if (held.size >= mostHeld) return void connection.destroy();
  held.add(connection);
  connection.on("error", () => undefined).once("close", () => held.delete(connection));
};

const end = (listener: Listener): void => {
  if (listeners.get(listener.address) === listener) listeners.delete(listener.address);
  listener.socket.close();
  for (const connection of listener.held) connection.destroy();
};

export const cannotListen = (address: string, { code, message }: NodeJS.ErrnoException): string => {
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: "another process is listening there; stop it, or choose another port",
    EACCES: "this user is not allowed to use that port; choose one above 1023",
    EADDRNOTAVAIL: "this machine does not have that address; choose one that it has, such as 127.0.0.1",
    ENOTFOUND: "the host name cannot be resolved; choose an address such as 127.0.0.1",
  };
  return `cannot listen on "${address}": ${why[code ?? ""] ?? message}.`;
};
