import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import type { Delivery } from "weir";
import { Random } from "../kill/random.ts";
import { temporaryDir } from "../runtime/harness.ts";
import type { ChildPlan } from "./child.ts";
import { differences } from "./laws.ts";
import { type GraphPlan, graphs } from "./plan.ts";
import type { Commit } from "./record.ts";
import { lastCommit } from "./world.ts";

/** WEIR_LONG kills more often; WEIR_SEED repeats an earlier run, as far as the machine's timing allows. */
const [graphCount, kills] = process.env["WEIR_LONG"] ? [25, 8] : [1, 3];
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const script = fileURLToPath(new URL("./child.ts", import.meta.url));

/** The complete lines; a kill may have truncated one. */
const linesOf = (path: string): unknown[] =>
  (existsSync(path) ? readFileSync(path, "utf8") : "").split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line)];
    } catch {
      return [];
    }
  });

/** Graphs of some size, in which something asks for ticks. */
const ticking = graphs.filter(
  ({ nodes }) => nodes.length > 2 && nodes.some(({ kind }) => kind === "window" || kind === "gather"),
);

interface Child {
  readonly process: ChildProcess;
  readonly said: string[];
  readonly ended: Promise<unknown>;
}

class KilledGraph {
  readonly folder = temporaryDir();
  readonly plan: GraphPlan;
  readonly random: Random;
  readonly dataDir = join(this.folder, "data");
  readonly written = new Map<string, number>();
  readonly #files: Record<string, string>;
  readonly #cache: string;

  constructor(plan: GraphPlan, random: Random, cache: string) {
    this.#cache = cache;
    this.plan = plan;
    this.random = random;
    this.#files = Object.fromEntries(
      [...plan.sources, ...plan.sinks].map(({ id }) => [id, join(this.folder, `${id}.ndjson`)]),
    );
    for (const { id } of plan.sources) {
      writeFileSync(this.#files[id]!, "");
      this.write(id, 3);
    }
  }

  write(source: string, count: number): void {
    const first = this.written.get(source) ?? 0;
    const lines = Array.from({ length: count }, (_, index) =>
      JSON.stringify({ key: `k${this.random.between(0, 5)}`, v: first + index }),
    );
    appendFileSync(this.#files[source]!, `${lines.join("\n")}\n`);
    this.written.set(source, first + count);
  }

  start(broken: boolean, follow: boolean): Child {
    const child: ChildPlan = {
      graph: this.plan,
      dataDir: this.dataDir,
      record: join(this.folder, "record.ndjson"),
      files: this.#files,
      first: lastCommit(this.dataDir) + 1,
      broken,
      budget: [300, 3000, 8 * 1024 * 1024][this.random.between(0, 2)]!,
      offset: this.random.chance(0.3) ? -600_000 * this.random.between(1, 2) : 0,
      follow,
    };
    const path = join(this.folder, "child.json");
    writeFileSync(path, JSON.stringify(child));
    const process_ = spawn(process.execPath, ["--conditions=weir-source", script, path], {
      env: { ...process.env, NODE_COMPILE_CACHE: this.#cache },
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void process_.kill("SIGKILL"));
    const said: string[] = [];
    createInterface({ input: process_.stdout! }).on("line", (line) => said.push(line));
    return { process: process_, said, ended: once(process_, "close") };
  }

  /** One life that ends by SIGKILL while lines are being written. */
  async killed(): Promise<void> {
    const { random } = this;
    const child = this.start(random.chance(0.5), true);
    const isStarting = random.chance(0.15);
    const lasts = isStarting ? random.between(0, 300) : random.between(50, 450);
    while (!isStarting && child.said.length === 0 && child.process.exitCode === null) await sleep(2);
    for (const until = performance.now() + lasts; performance.now() < until; await sleep(random.between(1, 20)))
      for (const { id } of this.plan.sources) if (random.chance(0.6)) this.write(id, random.between(1, 12));
    child.process.kill("SIGKILL");
    await child.ended;
    expect(child.process.signalCode, child.said.join("\n")).toBe("SIGKILL");
  }

  /** The last life, in which nothing is broken. It reads to the end and then finishes. */
  async finished(): Promise<void> {
    const child = this.start(false, false);
    await child.ended;
    expect(JSON.parse(child.said.at(-1)!)).toEqual({ how: "finished", unbalanced: {} });
  }

  /** After a commit that was lost, its number is used again; the later one counts. */
  commits(): Commit[] {
    const commits: Commit[] = [];
    for (const commit of linesOf(join(this.folder, "record.ndjson")) as Commit[]) commits[commit.number] = commit;
    commits.length = lastCommit(this.dataDir) + 1;
    return commits;
  }

  differences(): Promise<string[]> {
    const keys = (id: string) => new Array<number>(this.written.get(id)!).fill(0);
    return differences(
      {
        plan: { ...this.plan, sources: this.plan.sources.map((source) => ({ ...source, keys: keys(source.id) })) },
        commits: this.commits(),
        delivered: new Map(this.plan.sinks.map(({ id }) => [id, linesOf(this.#files[id]!) as Delivery[]])),
        dataDir: this.dataDir,
        isTorn: true,
        problems: [],
      },
      true,
    );
  }
}

it("L1, L2, L3: any graph that reads files behaves like a plain loop, when it is killed at any moment", async () => {
  const cache = temporaryDir();
  const counts = { graphs: 0, kills: 0, lines: 0, commits: 0, ticks: 0 };
  for (const [index, plan] of fc.sample(ticking, { seed, numRuns: graphCount }).entries()) {
    const graph = new KilledGraph(plan, new Random(seed, index), cache);
    try {
      for (let kill = 0; kill < kills; kill++) await graph.killed();
      await graph.finished();
      expect(await graph.differences()).toEqual([]);
    } catch (error) {
      throw new Error(`seed ${seed}, graph ${index}: ${JSON.stringify(plan)}`, { cause: error });
    }
    counts.graphs++;
    counts.kills += kills;
    for (const count of graph.written.values()) counts.lines += count;
    for (const { batches } of graph.commits()) {
      counts.commits++;
      counts.ticks += batches.filter(({ tick }) => tick).length;
    }
  }
  console.log(`seed ${seed}: ${JSON.stringify(counts)}`);
}, 900_000);
