import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { beginsAsSyslog } from "../decode/framing/octet-counting.ts";
import { clientOf } from "../http/client-address.ts";
import { cannotListen } from "../http/listeners.ts";
import type { Offer, Reading, SourceContext } from "../plugin.ts";
import { andMore, Seldom } from "../telemetry/seldom.ts";
import { hostAndPort, type UdpEndpoint } from "./endpoint.ts";
import { MessageIntake } from "./intake.ts";
import { kernelDrops } from "./kernel-drops.ts";
import type { SocketServerConfig } from "./options.ts";
import { plainAddress } from "./streams.ts";

/** How often to ask the system what it has dropped, in milliseconds. */
const dropInterval = 10_000;
/** How often to offer waiting datagrams again, in milliseconds. */
const retryInterval = 10;
/** A block of datagrams from one sender is offered when it has this many bytes. */
const blockSize = 64 * 1024;
/** What a waiting datagram takes beside its bytes, about. */
const overhead = 256;

/** Datagrams of one sender, in order. */
interface Block {
  readonly peer: string;
  readonly client: string;
  readonly isCounted: boolean;
  readonly parts: Buffer[];
  size: number;
}

/** Turns datagrams into readings. Those that arrive together from one sender share one. */
export class Datagrams {
  readonly #context: SourceContext<SocketServerConfig>;
  readonly #intake: MessageIntake;
  readonly #seldom: Seldom;
  readonly #name: string;
  readonly #waiting: Block[] = [];
  readonly #latest = new Map<string, Block>();
  #buffered = 0;
  #isDue = false;
  #count = 0;

  constructor(context: SourceContext<SocketServerConfig>, offer: (reading: Reading) => Offer) {
    const { clock, signal } = context;
    this.#context = context;
    this.#intake = new MessageIntake({ offer, clock, signal });
    this.#seldom = new Seldom(clock);
    this.#name = `${clock.now()}-${process.pid}`;
  }

  watch(socket: Socket): void {
    socket.on("message", (message, sender) => this.#take(message, sender));
  }

  /** Counts what the system drops on this port, until the source stops. */
  async watchDrops(port: number): Promise<void> {
    const { clock, signal, refused } = this.#context;
    let known = kernelDrops(port);
    while (!signal.aborted) {
      await clock.sleep(dropInterval, signal);
      const drops = kernelDrops(port);
      if (drops > known) {
        refused?.("dropped_by_system", drops - known);
        this.#warn(
          "system",
          `the system dropped ${drops - known} datagrams because they arrived faster than weir read them; a larger "receive_buffer" helps with bursts`,
        );
      }
      known = drops;
    }
  }

  /** Resolves when everything that was accepted is settled, or after a second. */
  async settled(): Promise<void> {
    const settled = new AbortController();
    void this.#intake.settled().then(() => settled.abort());
    await this.#context.clock.sleep(1_000, settled.signal);
  }

  #take(message: Buffer, { address, port }: RemoteInfo): void {
    const { max_buffered } = this.#context.config;
    if (this.#buffered + message.length > max_buffered) {
      this.#context.refused?.("dropped_datagram");
      this.#warn(
        "full",
        `dropped a datagram from ${address}: sinks are slow, and "max_buffered" (${max_buffered} bytes) is full`,
      );
      return;
    }
    const bytes = withoutTrailer(message);
    if (bytes.length === 0) return;
    this.#add(bytes, hostAndPort(plainAddress(address), port), clientOf(address));
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => void this.#flush());
  }

  #add(bytes: Buffer, peer: string, client: string): void {
    const isCounted = beginsAsSyslog(bytes);
    let block = this.#latest.get(peer);
    if (!block?.isCounted || !isCounted || block.size > blockSize) {
      block = { peer, client, isCounted, parts: [], size: 0 };
      this.#latest.set(peer, block);
      this.#waiting.push(block);
    }
    // The length before each separates several in one block.
    if (isCounted) block.parts.push(Buffer.from(`${bytes.length} `));
    block.parts.push(bytes);
    block.size += bytes.length + overhead;
    this.#buffered += bytes.length + overhead;
  }

  async #flush(): Promise<void> {
    const { clock, signal } = this.#context;
    this.#latest.clear();
    while (this.#waiting.length > 0 && !signal.aborted) {
      let taken = 0;
      while (taken < this.#waiting.length && this.#offer(this.#waiting[taken]!)) taken++;
      for (const { size } of this.#waiting.splice(0, taken)) this.#buffered -= size;
      if (this.#waiting.length === 0) break;
      // Whatever arrives meanwhile joins blocks that have not been offered yet.
      await clock.sleep(retryInterval, signal);
      this.#latest.clear();
    }
    this.#isDue = false;
  }

  #offer({ peer, client, isCounted, parts }: Block): boolean {
    const reading: Reading = {
      stream: `${this.#name}-${this.#count + 1}`,
      position: 0,
      bytes: Buffer.concat(parts),
      once: true,
      framing: isCounted ? "octet_counting" : "whole",
      peer,
      settled: () => undefined,
    };
    const sender = { socket: { pause: () => undefined, resume: () => undefined }, client };
    if (this.#intake.offer(sender, reading) === "full") return false;
    this.#count++;
    return true;
  }

  #warn(key: string, words: string): void {
    const unsaid = this.#seldom.ask(key);
    if (unsaid !== undefined) this.#context.log.warn(`${words}${andMore(unsaid)}`);
  }
}

/** Opens a socket. Rejects with a sentence if it cannot. */
export const openDatagramSocket = ({ host, port }: UdpEndpoint, receiveBuffer: number | undefined): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket({
      type: isIPv6(host) ? "udp6" : "udp4",
      ...(receiveBuffer !== undefined && { recvBufferSize: receiveBuffer }),
    });
    const fail = (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(new Error(cannotListen(`udp://${hostAndPort(host, port)}`, error)));
    };
    socket.once("error", fail).bind({ address: host, port, exclusive: true }, () => {
      socket.off("error", fail);
      resolve(socket);
    });
  });

/** Some senders end a datagram like a line. */
const withoutTrailer = (message: Buffer): Buffer => {
  let end = message.length;
  while (end > 0 && (message[end - 1] === 0x0a || message[end - 1] === 0x0d || message[end - 1] === 0)) end--;
  return message.subarray(0, end);
};
