import { Worker } from "node:worker_threads";
import { isExecutable, shippedText } from "../shipped.ts";
import { AppendMemory } from "./append-memory.ts";
import type { Answered, CommitterSetup } from "./commit-worker.ts";
import type { CommitAnswer, CommitRequest, Committer } from "./committer.ts";

/** Executes commits, one at a time. */
export interface CommitWriter {
  /** Resolves when the writer has what it needs: its thread runs, and its modules are loaded. Never rejects. */
  readonly ready: Promise<void>;
  /** Room for bytes to append. Its content is not defined. */
  room(bytes: number): Uint8Array;
  /** Takes over the bytes to append: the caller cannot use them any more. Rejects only when the writer thread has ended. Then no more data may leave the process. */
  commit(request: CommitRequest): Promise<CommitAnswer>;
  /** Whether an answer waits for the next turn of the event loop. Busy code should then yield. */
  readonly answerWaits: boolean;
  close(): Promise<void>;
}

/** A committer in the same thread, for tests with recording or failing file calls. */
export const inlineWriter = (committer: Committer): CommitWriter => ({
  ready: Promise.resolve(),
  room: (bytes) => Buffer.allocUnsafe(bytes),
  commit: (request) => committer.commit(request),
  answerWaits: false,
  close: () => committer.close(),
});

/** A thread that waits for its writer. */
let ahead: Worker | undefined;

/**
 * Starts the thread of the next threaded writer. A thread needs as long to start as weir to load a pipeline: on two cores,
 * they do so at the same time. It keeps no process alive.
 */
export const startThreadAhead = (): void => {
  ahead ??= startThread();
  ahead.unref();
};

/** Runs the committer in a thread of its own. */
export const threadedWriter = (options: Omit<CommitterSetup, "answered">): CommitWriter => {
  const answered = new SharedArrayBuffer(4);
  const flag = new Int32Array(answered);
  const worker = ahead ?? startThread();
  ahead = undefined;
  worker.ref();
  const setup: CommitterSetup = { ...options, answered };
  worker.postMessage(setup);
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();
  let waiting: { resolve(answer: CommitAnswer): void; reject(error: Error): void } | undefined;
  let closed: (() => void) | undefined;
  let failure: Error | undefined;

  const memory = new AppendMemory();

  worker.on("message", (message: Answered | "ready" | "closed") => {
    if (message === "ready") return isReady();
    if (message === "closed") return closed?.();
    const { answer } = message;
    memory.takeBack(message.memory);
    Atomics.store(flag, 0, 0);
    const taker = waiting;
    waiting = undefined;
    taker?.resolve(answer);
  });
  const gone = (error: Error) => {
    failure ??= error;
    isReady();
    waiting?.reject(failure);
    closed?.();
  };
  worker.on("error", (error) => gone(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => gone(new Error(`the writer thread ended with code ${code}`)));

  return {
    ready,
    room: (bytes) => memory.room(bytes),
    commit: (request) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        waiting = { resolve, reject };
        worker.postMessage(request, memory.lentIn(request));
      }),
    get answerWaits() {
      return Atomics.load(flag, 0) === 1;
    },
    close: () =>
      new Promise((resolve) => {
        if (failure) return resolve();
        closed = resolve;
        worker.postMessage("close");
      }),
  };
};

const startThread = (): Worker => {
  if (isExecutable) return new Worker(shippedText("commit-worker.js"), { eval: true });
  // Of what is built, all parts are in one folder.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new Worker(new URL(`./commit-worker.${extension}`, import.meta.url));
};
