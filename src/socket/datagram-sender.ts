import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { networkWords } from "../http-client/network-words.ts";
import { DeliveryError, type Failure } from "../plugin.ts";
import { endpointText, type UdpEndpoint } from "./endpoint.ts";

/** Sends datagrams. It notices that nobody is listening only if the receiver's system reports it, soon after a datagram. */
export class DatagramSender {
  readonly #target: UdpEndpoint;
  #socket: Socket | undefined;
  #error: NodeJS.ErrnoException | undefined;

  constructor(target: UdpEndpoint) {
    this.#target = target;
  }

  /** Resolves with those that can never be sent. Rejects with a `DeliveryError`. */
  async send(datagrams: readonly Uint8Array[], signal: AbortSignal): Promise<readonly Failure[]> {
    const socket = await this.#open();
    const failed: Failure[] = [];
    this.#error = undefined;
    for (const [index, bytes] of datagrams.entries()) {
      const error = await new Promise<NodeJS.ErrnoException | null>((done) => socket.send(bytes, done));
      if (error?.code === "EMSGSIZE")
        failed.push({
          index,
          message: `the message has ${bytes.length} bytes, which is too long for a datagram`,
          final: true,
        });
      else if (error) this.#error = error;
      if (signal.aborted) throw new DeliveryError(`could not send everything to ${endpointText(this.#target)} in time`);
      if (this.#error) break;
    }
    await nextTurn();
    if (!this.#error) return failed;
    this.#close();
    throw new DeliveryError(`cannot send: ${networkWords(this.#error, endpointText(this.#target))}`);
  }

  async close(): Promise<void> {
    this.#close();
  }

  #open(): Promise<Socket> {
    if (this.#socket) return Promise.resolve(this.#socket);
    const { host, port } = this.#target;
    return new Promise((resolve, reject) => {
      const socket = createSocket({ type: isIPv6(host) ? "udp6" : "udp4" });
      socket.on("error", (error: NodeJS.ErrnoException) => {
        this.#error = error;
      });
      // Of a connected socket, the system says when nobody listens.
      socket.connect(port, host, (error?: Error) => {
        if (!error) {
          this.#socket = socket;
          return resolve(socket);
        }
        socket.close();
        reject(new DeliveryError(`cannot send: ${networkWords(error, endpointText(this.#target))}`));
      });
    });
  }

  #close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}
