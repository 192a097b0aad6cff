import { Worker } from "node:worker_threads";
import { isExecutable, shippedText } from "../shipped.ts";
import { AppendMemory } from "./append-memory.ts";
import type { Answered, CommitterSetup } from "./commit-worker.ts";
import type { CommitAnswer, CommitRequest, Committer, CommitterOptions } from "./committer.ts";
import type { Database } from "./database.ts";

/** What the writer of a data dir is made of. It takes over the database, and closes it. */
export interface WriterOptions extends Pick<CommitterOptions, "dataDir" | "ends" | "segmentBytes"> {
  readonly databasePath: string;
  readonly database: Database;
}

/** Executes commits, one at a time. */
export interface CommitWriter {
  /** Room for bytes to append. Its content is not defined. */
  room(bytes: number): Uint8Array;
  /** Takes over the bytes to append: the caller cannot use them any more. Rejects only when the writer thread has ended. Then no more data may leave the process. */
  commit(request: CommitRequest): Promise<CommitAnswer>;
  /** Whether an answer waits for the next turn of the event loop. Busy code should then yield. */
  readonly answerWaits: boolean;
  close(): Promise<void>;
}

/** A committer in the calling thread. */
export const inlineWriter = (committer: Committer): CommitWriter => ({
  // Memory of its own: a thread may commit what was made for this one.
  room: (bytes) => Buffer.allocUnsafeSlow(bytes),
  commit: (request) => committer.commit(request),
  answerWaits: false,
  close: () => committer.close(),
});

/** Runs the committer in a thread of its own: `worker`, which waits for its writer, and opens the database itself. */
export const threadedWriter = (
  { database, ...options }: Omit<WriterOptions, "database"> & Partial<WriterOptions>,
  worker = startThread(),
): CommitWriter => {
  database?.close();
  const answered = new SharedArrayBuffer(4);
  const flag = new Int32Array(answered);
  worker.ref();
  const setup: CommitterSetup = { ...options, answered };
  worker.postMessage(setup);
  let waiting: { resolve(answer: CommitAnswer): void; reject(error: Error): void } | undefined;
  let closed: (() => void) | undefined;
  let failure: Error | undefined;

  const memory = new AppendMemory();

  worker.on("message", (message: Answered | "closed") => {
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
    waiting?.reject(failure);
    closed?.();
  };
  worker.on("error", (error) => gone(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => gone(new Error(`the writer thread ended with code ${code}`)));

  return {
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

/** Nothing that a commit allocates outlives it: more room for young objects would only make the thread 5 MB larger. */
const resourceLimits = { maxYoungGenerationSizeMb: 2 };

/** Starts the thread of a writer, which waits for it. */
export const startThread = (): Worker => {
  if (isExecutable) return new Worker(shippedText("commit-worker.js"), { eval: true, resourceLimits });
  // Of what is built, all parts are in one folder.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new Worker(new URL(`./commit-worker.${extension}`, import.meta.url), { resourceLimits });
};
