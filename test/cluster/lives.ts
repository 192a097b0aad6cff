import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expectConservation } from "../end-to-end/conservation.ts";
import { type Ended, readStats, startWeir, type Weir } from "../end-to-end/weir.ts";
import type { Random } from "../kill/random.ts";

export interface LivesOptions {
  readonly folder: string;
  /** A pipeline that comes with weir. */
  readonly pipeline: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly random: Random;
}

/** One weir after the other on the same pipeline and data dir, each ended by SIGKILL, until it is told to stop. */
export class Lives {
  kills = 0;
  /** What the processes logged as errors. */
  readonly errors: string[] = [];
  readonly alerts: string;
  readonly dataDir: string;
  /** Resolves when the first of them runs. It is not killed before it has delivered alerts. */
  readonly isRunning: Promise<unknown>;
  readonly #stats: string;
  readonly #options: LivesOptions;
  readonly #killing: Promise<unknown>;
  #isOver = false;
  #failure: unknown;
  #last: Weir | undefined;

  constructor(options: LivesOptions) {
    this.#options = options;
    this.alerts = join(options.folder, "alerts.ndjson");
    this.dataDir = join(options.folder, "data");
    this.#stats = join(options.folder, "stats.json");
    const first = this.#start();
    this.isRunning = first.said("running");
    this.#killing = this.#killOften(first).catch((error) => {
      this.#failure = error;
    });
  }

  /** @throws what went wrong so far, such as a weir that ended by itself. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when a last weir runs, which is not killed. */
  async settle(): Promise<void> {
    this.#isOver = true;
    await this.#killing;
    this.check();
    this.#last = this.#start();
    await this.#last.said("running");
  }

  /** Ends the last weir as an operator does; its books must balance. */
  async stop(): Promise<void> {
    const { code, log } = await this.#last!.stop("SIGTERM");
    this.#note(log);
    if (code !== 0) throw new Error(`weir ended with ${code}: ${JSON.stringify(log.slice(-20))}`);
    expectConservation(readStats(this.#stats));
  }

  #start(): Weir {
    const { pipeline, environment } = this.#options;
    const args = ["run", pipeline, "--data-dir", this.dataDir, "--stats", this.#stats];
    return startWeir(args, { environment: { ...environment, ALERTS: this.alerts } });
  }

  async #killOften(first: Weir): Promise<void> {
    const { random } = this.#options;
    while (sizeOf(this.alerts) === 0 && first.isAlive && !this.#isOver) await sleep(100);
    for (let weir = first; ; weir = this.#start()) {
      await this.#moment(weir);
      const { code, signal, log } = await weir.stop("SIGKILL");
      this.#note(log);
      if (signal !== "SIGKILL") throw new Error(`weir ended by itself with ${code}: ${JSON.stringify(log.slice(-20))}`);
      this.kills++;
      if (this.#isOver) return;
      await sleep(random.chance(0.1) ? random.between(1_000, 4_000) : random.between(0, 300));
    }
  }

  /** Waits for a time to kill: while it starts, some seconds later, or when it has delivered alerts. */
  async #moment(weir: Weir): Promise<void> {
    const { random } = this.#options;
    if (random.chance(0.15)) return sleep(random.between(0, 600));
    await weir.said("running");
    if (random.chance(0.4)) return sleep(random.between(0, 6_000));
    const before = sizeOf(this.alerts);
    for (let waited = 0; sizeOf(this.alerts) === before && waited < 15_000 && weir.isAlive; waited += 20)
      await sleep(20);
    await sleep(random.between(0, 3_000));
  }

  #note(log: Ended["log"]): void {
    for (const { level, msg } of log) if (level === "error") this.errors.push(msg);
  }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
