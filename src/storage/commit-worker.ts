import { parentPort } from "node:worker_threads";
import { type CommitRequest, Committer } from "./committer.ts";
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
    // At once: this thread allocates so little that its garbage would wait for long.
    for (const { bytes } of request.appends) if (bytes.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0);
    Atomics.store(flag, 0, 1);
    parentPort?.postMessage(answer);
  });
  parentPort?.postMessage("ready");
});
