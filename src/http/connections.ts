import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { clientOf } from "./client-address.ts";
import { addServer, connectionsOfOne, removeServer } from "./descriptors.ts";
import { slowest } from "./reception.ts";

/** Connections that the system may hand over beyond the limit, before others are closed for them. */
const spare = 128;
/** How old a request must be before its speed says something, in milliseconds. */
const speedTime = 1_000;

/** `silent`: no request yet; `answering`: the whole request is here. */
export type State = "silent" | "idle" | "receiving" | "answering" | "upgraded";

/** The state of a connection that Node's server does not have, as reported by its owner. */
export interface Activity {
  readonly state: State;
  /** Whether it ever had a request. */
  readonly hasRequest: boolean;
  /** When it was opened, or when its latest request began or was answered, and how many bytes of that request have arrived. */
  readonly since: number;
  readonly received: number;
}

interface Connection {
  readonly key: string;
  readonly client: string;
  readonly socket: Socket;
  /** If present, used instead of everything below. */
  activity?: Activity | undefined;
  /** When it was opened, or its latest request began. */
  since: number;
  isUpgraded: boolean;
  /** The latest request and its response, and how many bytes had arrived at its beginning. */
  request?: IncomingMessage;
  response?: ServerResponse;
  bytes: number;
}

/**
 * The open connections of a server. When there are too many, one of the client with the most connections is closed, if it
 * has no request or is slow to send it: so a few clients cannot shut others out.
 */
export class Connections {
  readonly #most: number;
  readonly #closed: () => void;
  /** Its share of the descriptors, known when all servers have started. */
  #share: number | undefined;
  readonly #open = new Map<string, Connection>();
  /** Found by their keys once: the socket of a request over TLS is not the one that was accepted. */
  readonly #found = new WeakMap<Socket, Connection>();

  /** `closed` is called for each connection that is closed because of the limit. */
  constructor(most: number, closed: () => void = () => undefined) {
    this.#most = most;
    this.#closed = closed;
  }

  /** Limits the connections of a server. */
  watch(server: Server): void {
    // One that cannot listen must not keep a share of the descriptors.
    server.once("listening", () => addServer(this));
    server.once("close", () => removeServer(this));
    server.maxConnections = this.#most + spare;
    server.on("drop", this.#closed);
    server.on("connection", (socket: Socket) => this.#add(socket));
    for (const event of ["request", "checkContinue"] as const)
      server.on(event, (request, response) => this.#begin(request, response));
  }

  /** The latest response of each connection that is not finished: those before it on the same connection are not either. */
  get unfinished(): readonly { readonly writableEnded: boolean }[] {
    return [...this.#open.values()].flatMap(({ response, activity, socket }) => {
      if (!activity) return response && !response.closed ? [response] : [];
      const isAnswered = activity.state !== "answering";
      return isAnswered && socket.writableLength === 0 ? [] : [{ writableEnded: isAnswered }];
    });
  }

  /** Adds a connection that Node's server does not have. It can be handed to the server later. */
  add(socket: Socket, activity: Activity): void {
    this.#add(socket, activity);
  }

  /** Leaves an added connection to the server. */
  giveAway(socket: Socket): void {
    const connection = this.#of(socket);
    if (connection) connection.activity = undefined;
  }

  /** Call it on "upgrade". Only a server that upgrades may listen to that: Node then answers no such request by itself. */
  upgraded(request: IncomingMessage): void {
    const connection = this.#begin(request);
    if (connection) connection.isUpgraded = true;
  }

  /** Closes all of them, whatever their state. Resolves when they are closed. */
  async close(): Promise<void> {
    const closed = [...this.#open.values()].map(({ socket }) => {
      const gone = new Promise((resolve) => socket.once("close", resolve));
      socket.destroy();
      return socket.closed ? undefined : gone;
    });
    await Promise.all(closed);
  }

  #add(socket: Socket, activity?: Activity): void {
    if (this.#found.has(socket)) return;
    const [key, client] = [keyOf(socket), clientOf(socket.remoteAddress)];
    const connection: Connection = { key, client, socket, since: performance.now(), isUpgraded: false, bytes: 0 };
    if (activity) {
      connection.activity = activity;
      this.#found.set(socket, connection);
    }
    this.#open.set(key, connection);
    socket.once("close", () => this.#forget(connection));
    this.#share ??= connectionsOfOne();
    if (this.#open.size <= Math.min(this.#most, this.#share)) return;
    const victim = this.#victim(connection);
    this.#forget(victim);
    victim.socket.destroy();
    this.#closed();
  }

  #forget(connection: Connection): void {
    if (this.#open.get(connection.key) === connection) this.#open.delete(connection.key);
  }

  /** A request has begun. What becomes of it shows when somebody looks: listeners would cost each request more than that. */
  #begin(request: IncomingMessage, response?: ServerResponse): Connection | undefined {
    const { socket } = request;
    const connection = this.#of(socket);
    if (!connection) return undefined;
    connection.bytes = socket.bytesRead;
    connection.request = request;
    if (response) connection.response = response;
    connection.since = performance.now();
    return connection;
  }

  #of(socket: Socket): Connection | undefined {
    const known = this.#found.get(socket) ?? this.#open.get(keyOf(socket));
    if (known) this.#found.set(socket, known);
    return known;
  }

  /** The connection to close because of a new one: clients with fewer connections than the newcomer's lose none. */
  #victim(newcomer: Connection): Connection {
    const clients = Map.groupBy(this.#open.values(), ({ client }) => client);
    const fewest = clients.get(newcomer.client)!.length;
    const enough = [...clients.values()].filter(({ length }) => length >= fewest);
    for (const connections of enough.sort((a, b) => b.length - a.length)) {
      const [victim] = connections.filter((one) => one !== newcomer && isReplaceable(one)).sort(byAge);
      if (victim) return victim;
    }
    return newcomer;
  }
}

/** Names a connection, also by the socket of a request over TLS, which is not the one that was accepted. */
export const keyOf = ({
  remoteAddress,
  remotePort,
  localAddress,
}: Pick<Socket, "remoteAddress" | "remotePort" | "localAddress">): string =>
  `${remoteAddress} ${remotePort} ${localAddress}`;

const stateOf = ({ request, response, isUpgraded, activity }: Connection): State => {
  if (activity) return activity.state;
  if (!request) return "silent";
  if (isUpgraded) return "upgraded";
  if (response?.closed) return "idle";
  return request.complete ? "answering" : "receiving";
};

const isReplaceable = (connection: Connection): boolean => {
  const state = stateOf(connection);
  if (state !== "receiving") return state === "silent" || state === "idle";
  const { request, bytes, activity } = connection;
  const age = performance.now() - sinceOf(connection);
  const received = activity ? activity.received : request!.socket.bytesRead - bytes;
  return age >= speedTime && (received * 1000) / age < slowest;
};

const sinceOf = ({ activity, since }: Connection): number => activity?.since ?? since;

const hasRequest = ({ activity, request }: Connection): boolean => activity?.hasRequest ?? request !== undefined;

/** Those that never sent a request first; then those whose latest request is the oldest. */
const byAge = (a: Connection, b: Connection): number =>
  Number(hasRequest(a)) - Number(hasRequest(b)) || sinceOf(a) - sinceOf(b);
