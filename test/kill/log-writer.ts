import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isStray, type LogPlan, lineOf } from "./audit-lines.ts";
import type { Random } from "./random.ts";

/** A file that was rotated away, and the number of the first line after those in it. */
interface Backup {
  readonly path: string;
  readonly end: number;
}

/** Writes one log the way kube-apiserver does: appends, and at some size renames the file and begins a new one. */
export class LogWriter {
  readonly plan: LogPlan;
  readonly path: string;
  /** Lines written so far; the number of the next one. */
  written = 0;
  rotations = 0;
  /** Where in its file each line begins. */
  readonly offsets: number[] = [];
  readonly #directory: string;
  readonly #random: Random;
  readonly #backups: Backup[] = [];
  #size = 0;
  #linesInFile = 0;
  #lastStamp = 0;

  constructor(plan: LogPlan, directory: string, random: Random) {
    this.plan = plan;
    this.path = join(directory, "audit.log");
    this.#directory = directory;
    this.#random = random;
    mkdirSync(directory, { recursive: true });
  }

  /** Appends some lines, now and then in two writes that cut one in the middle. */
  async append(count: number): Promise<void> {
    const lines: string[] = [];
    for (let index = 0; index < count; index++) {
      const line = `${lineOf(this.plan, this.written + index)}\n`;
      lines.push(line);
      this.offsets.push(this.#size);
      this.#size += line.length;
    }
    const text = lines.join("");
    const cut = this.#random.chance(0.2) ? this.#random.between(1, text.length - 1) : text.length;
    appendFileSync(this.path, text.slice(0, cut));
    if (cut < text.length) {
      await sleep(this.#random.between(0, 4));
      appendFileSync(this.path, text.slice(cut));
    }
    this.written += count;
    this.#linesInFile += count;
  }

  /** Ends the log with an audit event: when that is observed, all before it was read. */
  async finish(): Promise<void> {
    while (this.written === 0 || isStray(this.plan, this.written - 1)) await this.append(1);
  }

  /** Whether the file has grown to the size at which it is rotated. */
  get isFull(): boolean {
    return this.#linesInFile >= 500;
  }

  /** As lumberjack rotates: `audit-<UTC>.log` beside the log, a new file under its name, old backups removed. */
  async rotate(observed: number): Promise<void> {
    while (Date.now() <= this.#lastStamp) await sleep(1);
    this.#lastStamp = Date.now();
    const stamp = new Date(this.#lastStamp).toISOString().replaceAll(":", "-").replace("Z", "");
    const backup = join(this.#directory, `audit-${stamp}.log`);
    renameSync(this.path, backup);
    if (this.#random.chance(0.5)) await sleep(this.#random.between(0, 3));
    writeFileSync(this.path, "", { flag: "ax" });
    this.#backups.push({ path: backup, end: this.written });
    this.#size = 0;
    this.#linesInFile = 0;
    this.rotations++;
    this.#clean(observed);
  }

  /** Three backups stay, and all that weir has not read: what it removes, a real one has kept for longer. */
  #clean(observed: number): void {
    while (this.#backups.length > 3 && this.#backups[0]!.end <= observed) rmSync(this.#backups.shift()!.path);
  }
}
