/** A thread that is a machine without WebAssembly: it runs pipelines there, in one thread or with another that scans. */
import { parentPort, Worker } from "node:worker_threads";
import { ScanThreads } from "../../src/scan/ahead/scan-threads.ts";
import { isScanWorker } from "../../src/scan/ahead/scan-worker.ts";
import { type Given, leftBy } from "./run.ts";

/** The number comes back with what the run left behind, or with why it failed. */
export interface PlainJob {
  readonly number: number;
  readonly given: Given;
  readonly hasWorker: boolean;
}

export interface PlainAnswer {
  readonly number: number;
  readonly ran?: Awaited<ReturnType<typeof leftBy>>;
  readonly error?: string;
}

// Node itself needed it to load this file.
Reflect.deleteProperty(globalThis, "WebAssembly");

const scanThreads = new ScanThreads({
  count: 1,
  least: 1,
  onEnded: (why) => {
    throw new Error(`a thread ended: ${why}`);
  },
  start: () => new Worker(new URL("./plain-scan-worker.ts", import.meta.url), { workerData: isScanWorker }),
});

const answerTo = async ({ number, given, hasWorker }: PlainJob): Promise<PlainAnswer> => {
  try {
    const ran = await leftBy(given, { passesOver: true, scanThreads: hasWorker ? scanThreads : undefined });
    return { number, ran };
  } catch (error) {
    return { number, error: String(error) };
  }
};

parentPort!.on("message", async (job: PlainJob) => parentPort!.postMessage(await answerTo(job)));
