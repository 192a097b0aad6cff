import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { Reader } from "../../src/storage/reader.ts";
import { pipelineFile, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { GrownLines } from "./grown-lines.ts";
import { Random } from "./random.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const [count, kills] = isLong ? [150_000, 40] : [15_000, 3];

/** How far back a term counts as known, in milliseconds: a fifth of the log. Terms expire after five of it. */
const window = count * 200;
const start = Date.UTC(2025, 0, 1);

interface Logged {
  readonly number: number;
  readonly at: number;
  readonly term: string;
}

/** Half of the events have a term that no event had before; the others repeat one, mostly one that is known still. */
const logged = (): readonly Logged[] => {
  const random = new Random(seed);
  const terms: string[] = [];
  return Array.from({ length: count }, (_, number) => {
    const back = random.between(1, random.chance(0.8) ? count / 10 : count);
    const again = random.chance(0.5) ? terms.at(-back) : undefined;
    if (again === undefined) terms.push(`client-${seed}-${number}`);
    return { number, at: start + number * 1_000, term: again ?? terms.at(-1)! };
  });
};

/** The numbers of the events with a new term, by a plain loop. */
const expectedOf = (events: readonly Logged[]): readonly number[] => {
  const seen = new Map<string, number>();
  return events.flatMap(({ number, at, term }) => {
    const last = seen.get(term);
    seen.set(term, at);
    return last !== undefined && at - last <= window ? [] : [number];
  });
};

it(`L1, L2: of many terms none is missed or reported falsely, however often weir is killed (seed ${seed})`, async () => {
  const random = new Random(seed, 1);
  const folder = temporaryFolder();
  const events = logged();
  const expected = expectedOf(events);
  const [log, out, dataDir] = [join(folder, "log.ndjson"), join(folder, "out.ndjson"), join(folder, "data")];
  writeFileSync(log, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  const file = pipelineFile(folder, {
    sources: { in: { type: "file", include: [log], codec: "json", poll_interval: "50ms" } },
    transforms: {
      unseen: { type: "new_terms", inputs: ["in"], fields: ["term"], timestamp: "at", window: `${window}ms` },
    },
    sinks: { out: { type: "file", inputs: ["unseen"], path: out } },
  });
  const args = ["run", file, "--data-dir", dataDir];
  const written = new GrownLines(out);
  const numbers = new Set<number>();
  const found = () => {
    written.read((line) => numbers.add((JSON.parse(line) as Logged).number));
    return numbers;
  };
  for (let life = 0; life < kills && found().size < expected.length; life++) {
    const weir = startWeir(args);
    await weir.said("running");
    // Some lives end before a batch is committed, and some while the index of a large state is being filled.
    await sleep(random.between(20, isLong ? 700 : 350));
    await weir.stop("SIGKILL");
  }
  const weir = startWeir(args);
  for (let waited = 0; found().size < expected.length && waited < 120_000; waited += 100) await sleep(100);
  await sleep(300);
  const { code } = await weir.stop("SIGTERM");
  expect(code).toBe(0);
  expect([...found()].sort((a, b) => a - b)).toEqual(expected);
  expect(expected.length).toBeGreaterThan(count / 2);
  const reader = new Reader(join(dataDir, "weir.db"));
  const { sizes } = reader.load();
  expect([...sizes]).toEqual([["unseen", reader.stateBytes("unseen")]]);
  reader.close();
}, 1_200_000);
