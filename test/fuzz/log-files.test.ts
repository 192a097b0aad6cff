import { existsSync } from "node:fs";
import {
  appendFile,
  link,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type RecordingHost, readSource, recordingHost } from "weir/testing";
import file from "../../plugins/sources/file/index.ts";
import { temporaryDir } from "../runtime/harness.ts";
import { budget } from "./mutation.ts";

/** What may happen to a log besides its lines. */
const step = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constantFrom("line", "torn"), length: fc.nat(300) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("zeros"), length: fc.integer({ min: 1, max: 5_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("hole"), length: fc.integer({ min: 1, max: 100_000 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("rotate", "compress", "pause"), length: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("link", "touch", "neighbour", "move"), length: fc.nat(4) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A log with a name in a directory that also holds what is no log, and its lines. */
class Log {
  readonly path: string;
  readonly lines: string[] = [];
  readonly #directory: string;
  readonly #rotated: string[] = [];
  #isFresh = true;
  #lastStamp = 0;
  #names = 0;

  constructor(directory: string) {
    this.#directory = directory;
    this.path = join(directory, "audit.log");
  }

  /** The first line of a file is long, so that it tells the file from others. */
  #next(length: number): string {
    const number = this.lines.length;
    const line = `${number} ${`${number * 7919}.`.repeat(60 + length).slice(0, (this.#isFresh ? 120 : 0) + length)}`;
    this.#isFresh = false;
    this.lines.push(line);
    return `${line}\n`;
  }

  async take({ do: what, length }: Step): Promise<void> {
    const name = join(this.#directory, `other-${this.#names++}`);
    if (what === "line" || this.#isFresh) await appendFile(this.path, this.#next(length));
    else if (what === "torn") {
      const line = this.#next(length);
      await appendFile(this.path, line.slice(0, length % line.length));
      await sleep(length % 3);
      await appendFile(this.path, line.slice(length % line.length));
    } else if (what === "zeros")
      await appendFile(this.path, Buffer.concat([Buffer.alloc(length), Buffer.from(this.#next(9))]));
    else if (what === "hole") {
      await truncate(this.path, (await stat(this.path)).size + length);
      await appendFile(this.path, this.#next(9));
    } else if (what === "rotate") await this.#rotate();
    else if (what === "compress") await this.compress();
    else if (what === "link") await link(this.path, name);
    else if (what === "touch") await (await open(this.path, "a")).close();
    else if (what === "neighbour") await symlink(length % 2 === 0 ? name : this.path, name);
    else if (what === "move") {
      // Away and back, as an editor or a careless person does.
      await rename(this.path, name);
      await sleep(length);
      await rename(name, this.path);
    } else await sleep(length * 2);
  }

  async #rotate(): Promise<void> {
    while (Date.now() <= this.#lastStamp) await sleep(1);
    this.#lastStamp = Date.now();
    const stamp = new Date(this.#lastStamp).toISOString().slice(0, -1).replaceAll(":", "-");
    this.#rotated.push(join(this.#directory, `audit-${stamp}.log`));
    await rename(this.path, this.#rotated.at(-1)!);
    await writeFile(this.path, "");
    this.#isFresh = true;
  }

  /** Compresses the oldest rotated file: under a name of its own, and then under its final one. */
  async compress(): Promise<void> {
    const path = this.#rotated.shift();
    if (!path) return;
    await writeFile(`${path}.tmp`, gzipSync(await readFile(path)));
    await rename(`${path}.tmp`, `${path}.gz`);
    await unlink(path);
  }
}

/** Reads until `isDone`; each run is killed after so many readings. */
const follow = async (path: string, host: RecordingHost, kills: readonly number[], isDone: () => boolean) => {
  for (let run = 0; !isDone(); run++) {
    const stop = new AbortController();
    const timer = setInterval(() => isDone() && stop.abort(), 2);
    const config = { include: [path], follow: true, read_from: "beginning", poll_interval: 10 };
    let readings = 0;
    for await (const reading of readSource(file, { config, checkpoints: host.checkpoints, signal: stop.signal })) {
      host.take(reading);
      if (++readings >= (kills[run] ?? Number.POSITIVE_INFINITY)) break;
    }
    clearInterval(timer);
    host.crash();
    await sleep(run % 3);
  }
};

it("every line of a log is read once and in order, whatever happens to its files", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 6 }),
      async (steps, kills) => {
        const directory = join(temporaryDir(), "log");
        await mkdir(directory);
        const log = new Log(directory);
        const host = recordingHost();
        await log.take({ do: "line", length: 50 });
        let isWritten = false;
        const late = AbortSignal.timeout(20_000);
        const isRead = () => late.aborted || (isWritten && host.lines.length >= log.lines.length);
        const writing = (async () => {
          // Files that were rotated before the very first scan are ignored, by design.
          while (host.lines.length === 0) await sleep(1);
          for (const one of steps) await log.take(one);
          isWritten = true;
        })();
        // The run may be interrupted when its time is over, and its directory is then removed.
        writing.catch(() => undefined);
        await follow(log.path, host, kills, isRead);
        await writing;
        expect(host.lines.map(({ text }) => text.replace(/^\0+/, ""))).toEqual(log.lines);
        expect(existsSync(dirname(log.path))).toBe(true);
        await rm(directory, { recursive: true });
      },
    ),
    { ...budget(8, 40_000), endOnFailure: true },
  );
}, 300_000);
