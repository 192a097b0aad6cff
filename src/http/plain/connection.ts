import type { Socket } from "node:net";
import { cutOff, type Receiving } from "../body.ts";
import type { Activity, State } from "../connections.ts";
import type { Accepted } from "../intake.ts";
import { Refusal } from "../problem.ts";
import type { Answer } from "../protocol.ts";
import type { RequestHead } from "../request-head.ts";
import { PlainAnswers } from "./answers.ts";
import { PlainHeads } from "./head.ts";
import type { PlainService } from "./service.ts";

export interface PlainLimits {
  /** How long a client may take to send a head, to send a whole request, and between requests, in milliseconds. */
  readonly headTime: number;
  readonly requestTime: number;
  readonly idleTime: number;
}

/** Extra time, in milliseconds, for a request that is on its way when the announced idle time ends. Node's server waits as long. */
const grace = 1000;

/** How much of a refused body is read and discarded, in bytes. */
const mostDiscarded = 64 * 1024 * 1024;

const nothing = Buffer.alloc(0);

/** The request that is being received or answered. */
interface Current {
  readonly head: RequestHead;
  readonly accepted: Accepted;
  readonly since: number;
  /** How many bytes of the body are missing, and the part that is here if the body came in parts. */
  missing: number;
  receiving?: Receiving;
}

/**
 * A connection whose requests are plain. It reads them from the blocks of the socket, without the objects that Node creates for each
 * request. At the first request that is not plain, it hands the socket to Node's server, with all bytes from that request on.
 */
export class PlainConnection implements Activity {
  readonly #socket: Socket;
  readonly #service: PlainService;
  readonly #limits: PlainLimits;
  readonly #handOver: () => void;
  readonly #heads = new PlainHeads();
  readonly #answers: PlainAnswers;
  /** The beginning of a head, or bytes after a request that is not yet answered. */
  #rest: Buffer = nothing;
  #current: Current | undefined;
  #isAnswering = false;
  /** How many bytes of a refused body are still to come. */
  #discard = 0;
  #isTaking = false;
  /** Whether bytes have arrived before the answer. */
  #isWaiting = false;
  #isReceiving = false;
  #isOver = false;
  /** Whether its client has closed its side. */
  #hasEnded = false;
  hasRequest = false;
  since = performance.now();
  received = 0;

  /** Calls `handOver` when it has released the socket. */
  constructor(socket: Socket, service: PlainService, limits: PlainLimits, handOver: () => void) {
    this.#socket = socket;
    this.#service = service;
    this.#limits = limits;
    this.#handOver = handOver;
    this.#answers = new PlainAnswers(socket, limits.idleTime);
    socket.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onClose).on("error", this.#onError);
  }

  get state(): State {
    if (this.#isAnswering) return "answering";
    if (this.#current || this.#discard > 0) return "receiving";
    return this.hasRequest ? "idle" : "silent";
  }

  /** Closes the connection if it is idle. A new one stays open, because its first request may be on its way. */
  stop(): void {
    if (this.state === "idle" && !this.#isReceiving) this.#socket.destroy();
  }

  /** Closes the connection if its client has taken too long. */
  check(now: number): void {
    const { headTime, requestTime, idleTime } = this.#limits;
    const age = now - this.since;
    if (this.#isOver || this.#isAnswering) return;
    if (this.state === "idle" && !this.#isReceiving) {
      if (age > idleTime + grace) this.#socket.destroy();
    } else if (age > (this.#current || this.#discard > 0 ? requestTime : headTime)) {
      const refusal = new Refusal(408, "The request took too long to arrive.");
      this.#letGoOf(refusal);
      this.#answers.addRefusal(refusal, undefined, true);
      this.#close();
    }
  }

  readonly #onError = (): void => undefined;

  readonly #onData = (chunk: Buffer): void => {
    this.received += chunk.length;
    const block = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = nothing;
    if (this.#isOver) return;
    if (this.#isAnswering) this.#setAside(block);
    else this.#takeAll(block);
  };

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    if (this.#isOver || this.#isAnswering) return;
    if (!this.#isReceiving) return void this.#socket.end();
    const refusal = cutOff();
    this.#letGoOf(refusal);
    this.#answers.addRefusal(refusal, undefined, true);
    this.#close();
  };

  readonly #onClose = (): void => {
    this.#isOver = true;
    if (this.#current && !this.#isAnswering) this.#letGoOf(cutOff());
  };

  /**
   * Leaves bytes that arrive before the answer in the stream, for Node's server, which accepts pipelined requests. The stream does not
   * end before they have been read, and more can wait in the system's buffers.
   */
  #setAside(block: Buffer): void {
    this.#isWaiting = true;
    this.#socket.pause();
    this.#socket.unshift(block);
  }

  /** Takes all complete requests of a block, and the beginning of the next. */
  #takeAll(block: Buffer): void {
    this.#isTaking = true;
    let rest: Buffer | undefined = block;
    while (rest && rest.length > 0 && !this.#isOver) {
      if (this.#isAnswering) {
        this.#setAside(rest);
        rest = undefined;
      } else if (this.#discard > 0) rest = this.#discardFrom(rest);
      else if (this.#current) rest = this.#takeBody(this.#current, rest);
      else rest = this.#takeHead(rest);
    }
    this.#isTaking = false;
    this.#answers.write();
  }

  #discardFrom(block: Buffer): Buffer {
    const length = Math.min(this.#discard, block.length);
    this.#discard -= length;
    if (this.#discard === 0) this.#isIdle();
    return block.subarray(length);
  }

  #takeHead(block: Buffer): Buffer | undefined {
    if (!this.#isReceiving) {
      this.#isReceiving = true;
      this.since = performance.now();
      this.received = block.length;
    }
    const head = this.#heads.next(block);
    if (head === "other") return this.#giveAway(block);
    if (head === "incomplete") {
      // A copy, so that a few bytes do not keep the whole block in memory.
      this.#rest = Buffer.from(block);
      return undefined;
    }
    this.hasRequest = true;
    const { method, url, headers, bodyAt, bodyLength } = head;
    const request = { method, url, headers, socket: this.#socket };
    let accepted: Accepted;
    try {
      accepted = this.#service.accept(request);
    } catch (error) {
      this.#refuse(error, request, bodyLength);
      return block.subarray(bodyAt);
    }
    this.#current = { head: request, accepted, since: this.since, missing: bodyLength };
    return this.#takeBody(this.#current, block.subarray(bodyAt));
  }

  #takeBody(current: Current, block: Buffer): Buffer {
    const { accepted, missing } = current;
    const part = block.length > missing ? block.subarray(0, missing) : block;
    // Before it is taken, which may free its memory.
    const rest = block.subarray(part.length);
    current.missing -= part.length;
    try {
      if (current.missing > 0 || current.receiving || !this.#takeAtOnce(current, part)) {
        current.receiving ??= this.#service.intake.receive(accepted, (refusal) => this.#end(current, refusal));
        current.receiving.take(part);
        if (current.missing === 0) this.#finish(current, current.receiving);
      }
    } catch (error) {
      this.#end(current, error);
    }
    return rest;
  }

  #takeAtOnce(current: Current, body: Buffer): boolean {
    this.#isAnswering = true;
    let isTaken = false;
    try {
      isTaken = this.#service.intake.takeAtOnce(current.accepted, body, (refusal) => {
        if (refusal) this.#end(current, refusal);
        else this.#answer(current);
      });
      return isTaken;
    } finally {
      if (!isTaken) this.#isAnswering = false;
    }
  }

  #finish(current: Current, receiving: Receiving): void {
    this.#isAnswering = true;
    this.#service.intake.finish(current.accepted, receiving).then(
      (answer) => this.#answer(current, answer),
      (error) => this.#end(current, error),
    );
  }

  #answer(current: Current, answer?: Answer): void {
    this.#isAnswering = false;
    this.#current = undefined;
    const { signal, answered } = this.#service;
    const isLast = signal.aborted || this.#hasEnded;
    this.#answers.add(answer, isLast);
    answered(current.head, 200, current.since);
    this.#goOn(isLast);
  }

  /** Ends the current request with an error. */
  #end(current: Current, error: unknown): void {
    if (this.#current !== current) return;
    current.receiving?.release();
    this.#isAnswering = false;
    this.#current = undefined;
    this.#refuse(error, current.head, current.missing);
  }

  /** `discard`: how many bytes of its body are still to come. */
  #refuse(error: unknown, head: RequestHead, discard: number): void {
    const { refusal, answer } = this.#service.refused(error, head, this.since);
    this.#service.answered(head, refusal.status, this.since);
    const isLast = this.#hasEnded || refusal.headers["Connection"] === "close" || discard > mostDiscarded;
    this.#answers.addRefusal(refusal, answer, isLast);
    this.#discard = discard;
    this.#goOn(isLast);
  }

  #goOn(isLast: boolean): void {
    if (isLast) {
      this.#close();
      return;
    }
    if (this.#discard === 0) this.#isIdle();
    if (this.#isTaking) return;
    this.#answers.write();
    // Node would never release a socket that is already closed.
    if (this.#isWaiting && !this.#socket.destroyed) this.#giveAway(nothing);
  }

  #isIdle(): void {
    this.#isReceiving = false;
    this.since = performance.now();
  }

  /** Takes no more requests. Bytes that arrive until the client has read its last answer are discarded. */
  #close(): void {
    this.#isOver = true;
    this.#answers.end();
  }

  /** Ends the current request without an answer. */
  #letGoOf(refusal: Refusal): void {
    const current = this.#current;
    this.#current = undefined;
    if (!current) return;
    current.receiving?.release();
    this.#service.refused(refusal, current.head, current.since);
  }

  #giveAway(block: Buffer): undefined {
    this.#answers.write();
    this.#isOver = true;
    const socket = this.#socket;
    socket.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onClose).off("error", this.#onError);
    socket.pause();
    if (block.length > 0) socket.unshift(block);
    this.#handOver();
    socket.resume();
  }
}
