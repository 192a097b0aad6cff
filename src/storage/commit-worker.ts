import { parentPort } from "node:worker_threads";
import { type CommitAnswer, type CommitRequest, Committer } from "./committer.ts";
import { Database, type Place } from "./database.ts";
import { systemFiles } from "./files.ts";
import { reserveFile } from "./reserve.ts";

/** The first message to the writer thread, which may have been started before anybody knew what to commit. */
export interface CommitterSetup {
  readonly dataDir: string;
  readonly databasePath: string;
  readonly ends: ReadonlyMap<string, Place>;
  readonly segmentBytes: number;
  /** One Int32: 1 while the main thread has not received an answer that was sent. */
  readonly answered: SharedArrayBuffer;
}

/** The answer to a request, and the memory of its bytes. */
export interface Answered {
  readonly answer: CommitAnswer;
  readonly memory: readonly ArrayBuffer[];
}

// A thin shell around the committer: one request, one answer.
parentPort?.once("message", ({ dataDir, databasePath, ends, segmentBytes, answered }: CommitterSetup) => {
  const committer = new Committer({
    dataDir,
    files: systemFiles,
    database: new Database(databasePath),
    ends,
    segmentBytes,
    reserve: reserveFile(dataDir),
  });
  const flag = new Int32Array(answered);

  parentPort?.on("message", async (request: CommitRequest | "close") => {
    if (request === "close") {
      await committer.close();
      parentPort?.postMessage("closed");
      parentPort?.close();
      return;
    }
    const answer = await committer.commit(request);
    // Back for the next request: to touch memory for the first time takes longer than all that is done with the bytes.
    const buffers = request.appends.flatMap(({ bytes: { buffer } }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
    // What was copied may be parts of one.
    const memory = [...new Set(buffers)];
    Atomics.store(flag, 0, 1);
    const answered: Answered = { answer, memory };
    parentPort?.postMessage(answered, memory);
  });
});
