import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { openDataDir, writerOver } from "../../src/runtime/data-dir.ts";
import { type Changes, noChanges } from "../../src/storage/database.ts";
import { encodeFrame } from "../../src/storage/frame.ts";
import { keeping, lines, numbers, startRun, temporaryDir, topology } from "./harness.ts";

const count = 60;
const source = numbers(count);
const textOf = (n: number) => `${JSON.stringify(source[n])}\n`;

/** Commits events one by one into small segments, and some state: the data dir as it was, as a kill leaves it, and a stop. */
const history = async () => {
  const dataDir = temporaryDir();
  const data = openDataDir(dataDir, (options) => writerOver()({ ...options, segmentBytes: 600 }));
  let older = dataDir;
  for (let n = 0, position = 0; n < count; n++) {
    position += textOf(n).length;
    const head = { id: `in/s@${position}`, source: "in", stream: "s", position, ingested: 1 };
    const changes: Changes = {
      ...noChanges,
      checkpoints: [{ source: "in", stream: "s", checkpoint: { position, detail: null } }],
      state: [{ component: "seen", key: `k${n}`, value: "v".repeat(700), expires: undefined }],
    };
    const bytes = encodeFrame(JSON.stringify(head), JSON.stringify(source[n]));
    await data.writer.commit({ ...changes, appends: [{ outbox: "out", bytes }] });
    if (n === 40) older = copyOf(dataDir);
  }
  const killed = copyOf(dataDir);
  await data.close();
  return { older, killed, stopped: copyOf(dataDir) };
};

const copyOf = (dataDir: string): string => {
  const copy = join(temporaryDir(), "data");
  cpSync(dataDir, copy, { recursive: true, filter: (path) => !/-shm$|lock\.db$/.test(path) });
  return copy;
};

const filesOf = (dataDir: string): string[] =>
  (readdirSync(dataDir, { recursive: true }) as string[])
    .filter((name) => statSync(join(dataDir, name)).isFile())
    .sort();

type Damage =
  | { readonly do: "remove" | "empty" | "older"; readonly file: number | string }
  | { readonly do: "cut" | "zero" | "garbage"; readonly file: number | string; readonly from: number };

/** Mostly the database. */
const file = fc.oneof(fc.nat(100), fc.constantFrom("weir.db", "weir.db", "weir.db-wal"));

const damages = fc.oneof(
  fc.record({ do: fc.constantFrom("remove", "empty", "older"), file }),
  fc.record({
    do: fc.constantFrom("cut", "zero", "garbage"),
    file,
    from: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
) as fc.Arbitrary<Damage>;

const spoil = (dataDir: string, older: string, damage: Damage): string => {
  const names = filesOf(dataDir);
  const name = typeof damage.file === "string" ? damage.file : names[damage.file % names.length]!;
  const path = join(dataDir, name);
  if (!existsSync(path)) return `no ${name}`;
  if (damage.do === "remove") rmSync(path);
  else if (damage.do === "empty") truncateSync(path, 0);
  else if (damage.do === "older") {
    rmSync(path);
    if (existsSync(join(older, name))) cpSync(join(older, name), path);
  } else if ("from" in damage) {
    const bytes = readFileSync(path);
    const from = Math.floor(damage.from * bytes.length);
    if (damage.do === "cut") truncateSync(path, from);
    else writeFileSync(path, bytes.fill(damage.do === "zero" ? 0 : 0xa5, from, Math.min(from + 5000, bytes.length)));
  }
  return name;
};

/** What arrives, and what the start said. With `recover` only if it refused to start without. */
const startAgain = async (dataDir: string) => {
  const attempt = async (recover: boolean) => {
    const { kept, plugin } = keeping();
    const plan = topology({ in: [lines([])], out: [plugin, ["in"]] });
    const { runtime, data, log } = await startRun(plan, dataDir, { recover });
    expect(await runtime.ended).toEqual({ how: "finished" });
    const { unbalanced_events } = runtime.stats().components["out"]!;
    expect(unbalanced_events).toBe(0);
    return {
      numbers: new Set(kept.map(({ data: { n } }) => n)),
      told: [...data.repairs, ...log.filter((line) => / (error|warn) /.test(line))],
    };
  };
  try {
    return { refused: undefined, ...(await attempt(false)) };
  } catch (error) {
    if ((error as Error).name === "AssertionError") throw error;
    return { refused: (error as Error).message, ...(await attempt(true)) };
  }
};

const several = fc.array(damages, { minLength: 1, maxLength: 2 });

it("any file of a data dir can be removed, cut, overwritten or replaced by an older one: nothing is lost in silence", async () => {
  const { older, ...ways } = await history();
  await fc.assert(
    fc.asyncProperty(several, fc.constantFrom("killed", "stopped"), async (several, way) => {
      const dataDir = copyOf(ways[way]);
      const spoiled = several.map((damage) => spoil(dataDir, older, damage));
      const { refused, numbers: arrived, told } = await startAgain(dataDir);
      const isAllThere = source.every(({ n }) => arrived.has(n));
      if (!isAllThere && refused === undefined && told.length === 0)
        throw new Error(`${spoiled.join(", ")}: ${count - arrived.size} events are lost, and nothing was said`);
      if (refused !== undefined) expect(refused).toMatch(/--recover/);
    }),
    { numRuns: 40, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: false },
  );
}, 120_000);
