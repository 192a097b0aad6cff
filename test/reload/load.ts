import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../kill/random.ts";
import { buckets, type PipelineFiles } from "./generation.ts";

const eventOf = (source: string, n: number) => ({ source, n, bucket: String(n % buckets) });

export interface LoadOptions {
  readonly files: PipelineFiles;
  readonly random: Random;
  /** The port that the HTTP server has now. */
  readonly port: () => number;
  /** How many lines of each log have arrived in the end. */
  readonly arrived: () => Readonly<Record<Log, number>>;
}

/** The logs that are written to, by the names of their sources. */
const logs = ["log", "other"] as const;
export type Log = (typeof logs)[number];

/** How far writing may be ahead of what has arrived, in lines. */
const backlog = 2_000;

/** Keeps writing to both logs and sending to the HTTP server until it is stopped. */
export class Load {
  /** Lines of each log so far. */
  readonly written: Record<Log, number> = { log: 0, other: 0 };
  /** Numbers of the events that the HTTP server has acknowledged. */
  readonly acknowledged: number[] = [];
  /** Requests that could not connect while weir ran. */
  refused = 0;
  /** Whether weir runs, so that no connection may be refused. */
  isUp = false;
  readonly #options: LoadOptions;
  readonly #work: Promise<unknown>;
  #sent = 0;
  #isOver = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#work = Promise.all([this.#write(), this.#send(), this.#send()]);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  async #write(): Promise<void> {
    const { files, random, arrived } = this.#options;
    while (!this.#isOver) {
      const there = arrived();
      for (const log of logs) {
        if (this.written[log] - there[log] > backlog) continue;
        const events = Array.from({ length: random.between(1, 20) }, () => eventOf(log, this.written[log]++));
        appendFileSync(files.path(`${log}.ndjson`), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
      }
      await sleep(random.between(1, 10));
    }
  }

  /** Sends one event after the other, each until it is acknowledged. */
  async #send(): Promise<void> {
    const { random, port } = this.#options;
    while (!this.#isOver) {
      const n = this.#sent++;
      const body = JSON.stringify(eventOf("web", n));
      while (!this.#isOver && !(await this.#post(body, port()))) await sleep(20);
      if (!this.#isOver) this.acknowledged.push(n);
      await sleep(random.between(1, 10));
    }
  }

  async #post(body: string, port: number): Promise<boolean> {
    const wasUp = this.isUp;
    try {
      const headers = { "content-type": "application/json" };
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body });
      await response.text();
      return response.status === 200;
    } catch (error) {
      const { code } = (error as { cause?: NodeJS.ErrnoException }).cause ?? {};
      if (code === "ECONNREFUSED" && wasUp && this.isUp && port === this.#options.port()) this.refused++;
      return false;
    }
  }
}
