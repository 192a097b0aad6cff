import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { reachControl } from "../../src/control/client.ts";
import type { Stats } from "../../src/runtime/stats.ts";
import { spawnBound } from "./spawn-bound.ts";

/** The checkout, which relative paths in pipelines and on command lines start from. */
export const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "bin/weir.js");

export const temporaryFolder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "weir-end-to-end-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** Writes a pipeline as JSON, which is YAML too; gives its path. */
export const pipelineFile = (folder: string, pipeline: unknown, name = "pipeline.yaml"): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(pipeline, null, 2));
  return path;
};

export interface LogLine {
  readonly level: string;
  readonly component: string;
  readonly msg: string;
}

/** How a process ended: with a code or by a signal, and all that it printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly log: readonly LogLine[];
}

/** `weir` as a process of its own: what a person gets who runs the command. */
export class Weir {
  readonly child: ChildProcess;
  readonly log: LogLine[] = [];
  readonly ended: Promise<Ended>;
  #out = "";
  readonly #listeners = new Set<() => void>();

  constructor(args: readonly string[], { environment = {} }: { environment?: Readonly<Record<string, string>> } = {}) {
    checkBuilt();
    this.child = spawnBound(process.execPath, [bin, ...args], { cwd: root, env: { ...process.env, ...environment } });
    this.child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.#out += text;
    });
    const logged = createInterface({ input: this.child.stderr! });
    logged.on("line", (line) => {
      this.log.push(parseLine(line));
      for (const listener of this.#listeners) listener();
    });
    this.ended = new Promise((resolve) => {
      this.child.on("close", (code, signal) => {
        resolve({ code, signal, out: this.#out, log: this.log });
        for (const listener of this.#listeners) listener();
      });
    });
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves when a log line contains `text`; `false` when the process ends before. */
  said(text: string): Promise<boolean> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.log.some(({ msg }) => msg.includes(text));
        if (!found && this.isAlive) return;
        this.#listeners.delete(look);
        resolve(found);
      };
      this.#listeners.add(look);
      look();
    });
  }

  async stop(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

/** Starts the command; it is killed when the test is over, should it still run. */
export const startWeir = (...[args, options]: ConstructorParameters<typeof Weir>): Weir => {
  const weir = new Weir(args, options);
  onTestFinished(() => void weir.child.kill("SIGKILL"));
  return weir;
};

/** Runs the command to its end, `input` on its standard input. */
export const runWeir = (
  args: readonly string[],
  { input = "", ...options }: { input?: string | Buffer; environment?: Readonly<Record<string, string>> } = {},
): Promise<Ended> => {
  const weir = startWeir(args, options);
  weir.child.stdin!.on("error", () => undefined).end(input);
  return weir.ended;
};

/** Resolves when commands reach the weir that runs on the data dir: that is shortly after it says that it runs. */
export const answers = async (dataDir: string): Promise<void> => {
  while (!(await reachControl(dataDir))) await sleep(20);
};

export const readStats = (path: string): Stats => JSON.parse(readFileSync(path, "utf8")) as Stats;

/** Documents of an NDJSON file; none when there is no such file. */
export const readLines = (path: string): Record<string, unknown>[] => parseLines(textOf(path));

/** The same of a file that is being written to: a last line that has no end yet is left out. */
export const readLinesSoFar = (path: string): Record<string, unknown>[] => {
  const text = textOf(path);
  return parseLines(text.slice(0, text.lastIndexOf("\n") + 1));
};

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");

const parseLines = (text: string): Record<string, unknown>[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const parseLine = (line: string): LogLine => {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: "none", component: "", msg: line };
  }
};

let built: boolean | undefined;

/** These tests run what is built: a build that is older than what it was made of would test the past. */
const checkBuilt = (): void => {
  built ??= isBuilt();
  if (!built) throw new Error("dist/ is not there, or older than src/ or plugins/: run `npm run build` first.");
};

const isBuilt = (): boolean => {
  const main = join(root, "dist/src/cli/main.js");
  if (!existsSync(main)) return false;
  const { mtimeMs } = statSync(main);
  return ["src", "plugins"].every((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .every((name) => statSync(join(root, folder, name)).mtimeMs <= mtimeMs + 10_000),
  );
};
