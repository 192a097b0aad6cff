import type { Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { clientOf } from "../http/client-address.ts";
import { tooManyOf } from "../http/refusal-log.ts";
import { StreamConnections } from "../http/stream-connections.ts";
import { certificateFlaw } from "../http/tls.ts";
import type { Offer, Reading, SourceContext } from "../plugin.ts";
import { andMore, Seldom } from "../telemetry/seldom.ts";
import { hostAndPort } from "./endpoint.ts";
import { MessageIntake } from "./intake.ts";
import type { SocketServerConfig } from "./options.ts";

const nothing = new Uint8Array(0);

/** Turns what arrives on connections into readings, one stream for each connection. */
export class Streams {
  readonly #context: SourceContext<SocketServerConfig>;
  readonly #connections: StreamConnections;
  readonly #intake: MessageIntake;
  readonly #seldom: Seldom;
  readonly #name: string;
  #count = 0;

  constructor(context: SourceContext<SocketServerConfig>, offer: (reading: Reading) => Offer) {
    const { clock, config, signal, checkpoints } = context;
    this.#context = context;
    this.#connections = new StreamConnections(config.max_connections, tooManyOf(context));
    this.#intake = new MessageIntake({ offer, clock, signal });
    this.#seldom = new Seldom(clock);
    // Never the same again, since no connection of an earlier process can go on.
    this.#name = `${clock.now()}-${process.pid}`;
    for (const [stream, { position }] of checkpoints) offer({ stream, position, bytes: nothing, forget: true });
  }

  watch(server: Server): void {
    server.on("connection", (socket: Socket) => {
      // Errors of a connection end it, which is all that matters here.
      socket.on("error", () => undefined);
      socket.on("data", this.#connections.add(socket));
      if (!this.#context.config.tls) this.#read(socket);
    });
    server.on("secureConnection", (socket: TLSSocket) => this.#readSecure(socket));
    server.on("tlsClientError", (error: Error, socket: Socket) => {
      if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") this.#refuse(socket, "tls", reasonOf(error));
    });
  }

  /** Closes all connections, and resolves when everything that was accepted from them is settled, or after a second. */
  async close(): Promise<void> {
    this.#connections.close();
    const settled = new AbortController();
    void this.#intake.settled().then(() => settled.abort());
    await this.#context.clock.sleep(1_000, settled.signal);
  }

  #readSecure(socket: TLSSocket): void {
    socket.on("error", () => undefined);
    const flaw = certificateFlaw(socket, this.#context.config.tls!);
    if (flaw === undefined) this.#read(socket);
    else {
      this.#refuse(socket, "client_certificate", flaw);
      socket.destroy();
    }
  }

  #read(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    const stream = `${this.#name}-${++this.#count}`;
    const peer = remoteAddress === undefined ? undefined : hostAndPort(plainAddress(remoteAddress), remotePort!);
    const sender = { socket, client: clientOf(remoteAddress) };
    let position = 0;
    const take = (bytes: Uint8Array, more: Partial<Reading> = {}) => {
      this.#intake.take(sender, { stream, position, bytes, peer, settled: () => undefined, ...more });
      position += bytes.length;
    };
    socket.on("data", (bytes: Buffer) => take(bytes));
    socket.once("close", () => take(nothing, { end: true, forget: true }));
    const { idle_timeout } = this.#context.config;
    // A connection that weir itself does not read from is not idle.
    if (idle_timeout !== undefined)
      socket.setTimeout(idle_timeout, () => !this.#intake.holds(socket) && socket.destroy());
  }

  #refuse(socket: Socket, reason: string, words: string): void {
    this.#context.refused?.(reason);
    const unsaid = this.#seldom.ask(reason);
    if (unsaid === undefined) return;
    const from = socket.remoteAddress ?? "a client";
    this.#context.log.warn(`closed a connection from ${from}${andMore(unsaid)}: ${words}`, { reason });
  }
}

/** An IPv4 address is shown as one, also on a socket for both. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=[0-9.]+$)/i, "");

const reasonOf = (error: Error): string => {
  const found = /:SSL routines:[^:]*:([^:]+)/.exec(error.message)?.[1];
  if (found === "wrong version number" || found === "http request" || found === "packet length too long")
    return "it does not speak TLS";
  return `the TLS handshake failed: ${found ?? error.message}`;
};
