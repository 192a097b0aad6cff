import type { Socket } from "node:net";
import type { Refusal } from "../problem.ts";
import type { Answer } from "../protocol.ts";
import { acceptedText, refusedText } from "./answer-text.ts";

/** How long a client may take to read its last answer, in milliseconds. */
const lastAnswerTime = 1000;

/** The answers on a connection. Answers to requests that arrived together are written together. */
export class PlainAnswers {
  readonly #socket: Socket;
  readonly #idleTime: number;
  #text = "";

  /** `idleTime`: how long the connection stays open when it is idle, in milliseconds. */
  constructor(socket: Socket, idleTime: number) {
    this.#socket = socket;
    this.#idleTime = idleTime;
  }

  add(answer: Answer | undefined, isLast: boolean): void {
    this.#text += acceptedText(answer, { isLast, idleTime: this.#idleTime });
  }

  addRefusal(refusal: Refusal, answer: Answer | undefined, isLast: boolean): void {
    this.#text += refusedText(refusal, answer, { isLast, idleTime: this.#idleTime });
  }

  /** Writes the waiting answers. If the client does not read them, no more is read from it. */
  write(): void {
    const text = this.#text;
    if (text === "") return;
    this.#text = "";
    const socket = this.#socket;
    if (socket.destroyed || socket.write(text, "latin1")) return;
    socket.pause();
    socket.once("drain", () => socket.resume());
  }

  /** Writes the last answers, and closes the connection when its client does, or after a while. */
  end(): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    socket.end(this.#text, "latin1");
    this.#text = "";
    socket.resume();
    setTimeout(() => socket.destroy(), lastAnswerTime).unref();
  }
}
