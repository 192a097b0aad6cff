import { Worker } from "node:worker_threads";
import { isExecutable, shippedText } from "../../shipped.ts";
import type { TaughtScanner } from "./lessons.ts";
import { type EndOfScanner, isScanWorker, type ScanJob } from "./scan-worker.ts";
import { Slot } from "./slot.ts";

/** A thread has one job, and one that waits, so that it need not wait itself. */
const jobsEach = 2;

export interface ScanThreadsOptions {
  /** How many threads there are. */
  readonly count: number;
  /** The smallest reading to scan, in bytes; 128 KiB by default. */
  readonly least?: number;
  /** Called when a thread has ended on its own. What it would have scanned is not lost: see `scan`. */
  readonly onEnded: (message: string) => void;
  /** Starts a thread with the code of scan-worker.ts. */
  readonly start?: () => Worker;
}

/** Threads that scan parts of readings before the main thread decodes them. Their memory is bounded. */
export class ScanThreads {
  readonly #options: ScanThreadsOptions;
  readonly #threads: ScanThread[] = [];
  readonly #free: Slot[] = [];
  readonly #numbers = new Map<TaughtScanner, number>();
  /** The smallest reading to scan, in bytes. */
  readonly least: number;
  /** How many parts of readings were scanned. */
  scans = 0;
  #slots = 0;
  #scanners = 0;
  #isClosed = false;

  constructor(options: ScanThreadsOptions) {
    this.#options = options;
    this.least = options.least ?? 128 * 1024;
  }

  /** Starts the threads, unless they run. */
  start(): void {
    const { count, onEnded, start = startThread } = this.#options;
    if (this.#isClosed || this.#threads.length > 0) return;
    for (let number = 0; number < count; number++)
      this.#threads.push(new ScanThread(start(), (message) => this.#isClosed || onEnded(message)));
  }

  /** Resolves when the threads have loaded what they need, or have ended. */
  async ready(): Promise<void> {
    await Promise.all(this.#threads.map(({ ready }) => ready));
  }

  /** Memory for a part of a reading; `undefined` while all is in use, or no thread is ready. Give it back with `free`. */
  take(): Slot | undefined {
    if (this.#isClosed || !this.#threads.some(({ isReady }) => isReady)) return undefined;
    const free = this.#free.pop();
    if (free || this.#slots === jobsEach * this.#options.count + 1) return free;
    this.#slots++;
    return new Slot();
  }

  /** Gives memory back that no thread uses any more. */
  free(slot: Slot): void {
    if (!this.#isClosed) this.#free.push(slot);
  }

  /**
   * Scans `[start, end)` of a slot, where a line begins at `start`, with all lessons that the scanner has had by now. Resolves to
   * whether it was scanned: if the thread ends before, it was not. Never rejects.
   */
  async scan(slot: Slot, start: number, end: number, scanner: TaughtScanner): Promise<boolean> {
    const idle = this.#threads.filter(({ isReady }) => isReady);
    if (idle.length === 0) return false;
    const thread = idle.reduce((a, b) => (b.waiting < a.waiting ? b : a));
    const number = this.#numbers.get(scanner) ?? ++this.#scanners;
    this.#numbers.set(scanner, number);
    const isScanned = await thread.scan(slot, start, end, scanner, number);
    if (isScanned) this.scans++;
    return isScanned;
  }

  /** Lets the threads forget a scanner. */
  end(scanner: TaughtScanner): void {
    const number = this.#numbers.get(scanner);
    if (number === undefined) return;
    this.#numbers.delete(scanner);
    for (const thread of this.#threads) thread.end(number);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#free.length = 0;
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

class ScanThread {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  /** How many lessons each of its scanners has had. */
  readonly #lessons = new Map<number, number>();
  /** The slots whose memory it has. */
  readonly #known = new Set<Slot>();
  readonly #jobs: { readonly answer: (isScanned: boolean) => void }[] = [];
  #isReady = false;

  constructor(worker: Worker, onEnded: (message: string) => void) {
    this.#worker = worker;
    // It keeps no process alive.
    worker.unref();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    worker.on("message", (message) => {
      if (message !== "ready") return this.#jobs.shift()?.answer(true);
      this.#isReady = true;
      resolve();
    });
    let why = "";
    worker.on("error", (error) => {
      why = error instanceof Error ? error.message : String(error);
    });
    worker.on("exit", (code) => {
      this.#isReady = false;
      resolve();
      onEnded(why || `code ${code}`);
      for (const { answer } of this.#jobs.splice(0)) answer(false);
    });
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get waiting(): number {
    return this.#jobs.length;
  }

  scan(slot: Slot, start: number, end: number, scanner: TaughtScanner, number: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const known = this.#lessons.get(number);
    const { lessons, plan } = scanner;
    const job: ScanJob = {
      slot: slot.number,
      memory: this.#known.has(slot) ? undefined : slot.memory,
      start,
      end,
      scanner: number,
      plan: known === undefined ? plan : undefined,
      lessons: lessons.slice(known),
    };
    this.#known.add(slot);
    this.#lessons.set(number, lessons.length);
    this.#jobs.push({ answer: resolve });
    this.#worker.postMessage(job);
    return promise;
  }

  end(number: number): void {
    const message: EndOfScanner = { ended: number };
    if (this.#lessons.delete(number)) this.#worker.postMessage(message);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

const startThread = (): Worker => {
  const options = { workerData: isScanWorker };
  if (isExecutable) return new Worker(shippedText("scan-worker.js"), { ...options, eval: true });
  // Of what is built, all parts are in one folder.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new Worker(new URL(`./scan-worker.${extension}`, import.meta.url), options);
};
