import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { readDeadLetters } from "../kill/dead-letters.ts";
import { GrownLines } from "../kill/grown-lines.ts";
import { Random } from "../kill/random.ts";
import { pipelineFile, startWeir, temporaryFolder } from "./weir.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const kills = isLong ? 25 : 1;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

const stamp = "2026-01-02T03:04:05.123456789Z";

/** The log of a container with stack traces in both of its streams, which take turns, and lines that are none. */
class Container {
  readonly path: string;
  /** What must come out of each stream, and the lines that no codec can read. */
  readonly wanted = { stdout: [] as string[], stderr: [] as string[], broken: [] as string[] };
  readonly #random: Random;
  readonly #open = new Map<"stdout" | "stderr", string[]>();
  #pending = "";
  #numbers = 0;

  constructor(path: string, random: Random) {
    this.path = path;
    this.#random = random;
    writeFileSync(path, "");
  }

  /** Logs one line, and writes so much of what is not written yet as chance wants. */
  step(): void {
    const random = this.#random;
    const number = this.#numbers++;
    if (random.chance(0.03)) {
      const text = `broken ${number}`;
      this.wanted.broken.push(text);
      this.#pending += `${text}\n`;
    } else {
      const lane = random.chance(0.5) ? "stdout" : "stderr";
      const lines = this.#open.get(lane);
      const begins = !lines || random.chance(0.2);
      this.#log(lane, begins ? `S${number}` : ` at ${number} ${"x".repeat(random.between(0, 200))}`, begins);
    }
    const size = random.between(0, this.#pending.length);
    appendFileSync(this.path, this.#pending.slice(0, size));
    this.#pending = this.#pending.slice(size);
  }

  #log(lane: "stdout" | "stderr", text: string, begins: boolean): void {
    if (begins) this.#finish(lane);
    const lines = this.#open.get(lane) ?? [];
    this.#open.set(lane, [...lines, text]);
    const middle = this.#random.chance(0.3) ? this.#random.between(0, text.length) : 0;
    if (middle > 0) this.#pending += `${stamp} ${lane} P ${text.slice(0, middle)}\n`;
    this.#pending += `${stamp} ${lane} F ${text.slice(middle)}\n`;
  }

  #finish(lane: "stdout" | "stderr"): void {
    const lines = this.#open.get(lane);
    if (lines) this.wanted[lane].push(lines.join("\n"));
    this.#open.delete(lane);
  }

  /** Ends all texts; the next ones are in another file. */
  rotate(number: number): void {
    this.finish();
    renameSync(this.path, `${this.path}.${number}`);
    writeFileSync(this.path, "");
  }

  finish(): void {
    for (const lane of ["stdout", "stderr"] as const) this.#finish(lane);
    appendFileSync(this.path, this.#pending);
    this.#pending = "";
  }
}

it(`L1: texts of many lines that are killed in the middle are joined exactly once (seed ${seed})`, async () => {
  const random = new Random(seed);
  const folder = temporaryFolder();
  const dataDir = join(folder, "data");
  const out = join(folder, "out.ndjson");
  const container = new Container(join(folder, "0.log"), random);
  const file = pipelineFile(folder, {
    sources: {
      pods: {
        type: "file",
        include: [container.path],
        rotated: [`${container.path}.*`],
        poll_interval: "50ms",
        codec: "cri",
        // Longer than any pause of the machine; the last texts wait for it.
        multiline: { start: "^S", timeout: isLong ? "20s" : "8s", max_lines: 100_000, max_bytes: "16MiB" },
      },
    },
    // What is in the dead letter is there exactly once.
    transforms: {
      errors: {
        type: "remap",
        inputs: ["pods"],
        steps: [{ reject: { reason: "stderr", message: "an error", where: "stream: stderr" } }],
      },
    },
    sinks: { out: { type: "file", inputs: ["errors"], path: out } },
  });
  const args = ["run", file, "--data-dir", dataDir];
  const written = new GrownLines(out);
  const seen = new Set<string>();
  const messages = () => {
    written.read((line) => seen.add((JSON.parse(line) as { message: string }).message));
    return seen;
  };
  for (let life = 0; life < kills; life++) {
    const weir = startWeir(args);
    const until = Date.now() + random.between(400, 2_000);
    // What is rotated before the first start has finished is not read.
    while (weir.isAlive && (Date.now() < until || messages().size === 0)) {
      for (let step = random.between(0, 40); step > 0; step--) container.step();
      await sleep(random.between(0, 20));
    }
    await weir.stop("SIGKILL");
    if (random.chance(0.3)) container.rotate(life + 1);
  }
  container.finish();
  const weir = startWeir(args);
  for (let waited = 0; messages().size < container.wanted.stdout.length && waited < 60_000; waited += 100)
    await sleep(100);
  // Both of the last texts are due at about the same time.
  await sleep(2_000);
  expect(await weir.stop("SIGTERM")).toMatchObject({ code: 0 });
  expect([...messages()].sort()).toEqual(container.wanted.stdout.toSorted());
  const letters = readDeadLetters(dataDir);
  const errors = letters.filter(({ head }) => head.reason === "stderr").map(({ data }) => data.message);
  const broken = letters.filter(({ head }) => head.reason === "codec_error").map(({ data }) => data.raw);
  expect(errors.sort()).toEqual(container.wanted.stderr.toSorted());
  expect(broken.sort()).toEqual(container.wanted.broken.toSorted());
  expect(letters).toHaveLength(errors.length + broken.length);
  console.log(
    `${kills} kills, ${container.wanted.stdout.length} texts of stdout, ${errors.length} of stderr, ${broken.length} broken lines`,
  );
}, 600_000);

it("lines of an input that cannot be read again are not lost when weir is stopped before their timeout", async () => {
  const folder = temporaryFolder();
  const file = pipelineFile(folder, {
    sources: { in: { type: "stdin", multiline: { start: "^S", timeout: "1h" } } },
    sinks: { out: { type: "console", inputs: ["in"] } },
  });
  const weir = startWeir(["run", file, "--data-dir", join(folder, "data")]);
  weir.child.stdin!.write("S one\nS two\n at\n");
  const seen = new Promise((resolve) => weir.child.stdout!.once("data", resolve));
  await seen;
  const { out } = await weir.stop("SIGTERM");
  expect(out.split("\n").map((line) => line && JSON.parse(line).message)).toEqual(["S one", "S two\n at", ""]);
});
