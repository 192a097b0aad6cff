import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Data, Plugin } from "weir";
import { openStopped } from "../../src/control/stopped.ts";
import { type DataDir, openDataDir, writerOver } from "../../src/runtime/data-dir.ts";
import type { Ending } from "../../src/runtime/ending.ts";
import { BuildError } from "../../src/runtime/flow/stages/make-stage.ts";
import { Runtime } from "../../src/runtime/runtime.ts";
import type { RuntimeOptions } from "../../src/runtime/runtime-options.ts";
import { soundData } from "../../src/sound-data.ts";
import { decodeFrame, type Frame } from "../../src/storage/frame.ts";
import { segmentName } from "../../src/storage/segments.ts";
import type { Transforming } from "../../src/topology/topology.ts";
import {
  eachOf,
  keeping,
  lines,
  numbers,
  type Running,
  recordedLog,
  startRun,
  temporaryDir,
  topology,
  unbalancedComponents,
  until,
} from "../runtime/harness.ts";

export const values = (kept: readonly { readonly data: Data }[]) => kept.map(({ data }) => data["n"]);

export const all = (count: number) => numbers(count).map(({ n }) => n);

/** The dead letters of a data dir: what the host says of each, and its data. */
export const deadLetters = (dataDir: string) => {
  const file = join(dataDir, "outboxes", "dead_letter", segmentName(1));
  const segment = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const letters: { readonly head: Readonly<Record<string, unknown>>; readonly data: Data }[] = [];
  for (let offset = 0; offset < segment.length; ) {
    const frame = decodeFrame(segment, offset) as Frame;
    letters.push({ head: JSON.parse(frame.head), data: JSON.parse(frame.data) });
    offset += frame.size;
  }
  return letters;
};

/** The host checks and freezes the data of events. */
export const isDataChecked = (() => {
  const data = { n: 1 };
  soundData(data);
  return Object.isFrozen(data);
})();

export interface Planting {
  readonly records?: readonly Data[];
  readonly host?: Partial<Transforming>;
  readonly options?: Partial<RuntimeOptions>;
  readonly dataDir?: string;
}

/** Runs `planted` between a source and a sink, until everything is read. */
export const runPlanted = async (
  planted: Plugin,
  { records = numbers(70), host = {}, options = {}, dataDir = temporaryDir() }: Planting = {},
) => {
  const { kept, plugin } = keeping();
  const plan = topology({ in: [lines(records)], t: [planted, ["in"], host], out: [plugin, ["t"]] });
  const run = await startRun(plan, dataDir, options);
  return { ...run, kept, dataDir };
};

export const passing = eachOf((event) => event);

/** How a run failed: the component, and the message. */
export const faultOf = (ending: Ending): { readonly component: string; readonly message: string } => {
  if (ending.how !== "failed") throw new Error(`the run ${ending.how}; no fault was found`);
  return { component: ending.component, message: (ending.error as Error).message };
};

/** Checks that the counters of every component balance. */
export const expectBalance = ({ runtime }: Pick<Running, "runtime">): void =>
  expect(unbalancedComponents(runtime.stats())).toEqual({});

/**
 * Runs a transform that breaks its contract: the run ends by its name. The next run, with a mended one on the same data
 * dir, delivers all that the first did not, each event once. Returns the sentence.
 */
export const sentenceOf = async (planted: Plugin, planting: Planting = {}): Promise<string> => {
  const { records = numbers(70) } = planting;
  const first = await runPlanted(planted, planting);
  const { component, message } = faultOf(await first.runtime.ended);
  expect(component).toBe("t");
  expectBalance(first);
  await expectRest(first, records.length);
  return message;
};

/** On a virtual clock, a run may reach its end while the disk is still busy. */
const unlocked = async (dataDir: string): Promise<void> => {
  let data: DataDir | undefined;
  await until(() => {
    try {
      data = openDataDir(dataDir, writerOver());
    } catch (error) {
      if (!(error as Error).message.includes("is in use by another weir")) throw error;
    }
    return data !== undefined;
  });
  await data!.close();
};

/** The next run on the data dir, without the fault, delivers what is missing: together all, and none twice in one run. */
export const expectRest = async (
  first: { readonly kept: readonly { readonly data: Data }[]; readonly dataDir: string },
  count: number,
): Promise<void> => {
  const records = numbers(count);
  await unlocked(first.dataDir);
  const second = await runPlanted(passing, { records, dataDir: first.dataDir });
  expect(await second.runtime.ended).toEqual({ how: "finished" });
  expectBalance(second);
  // Events that transforms made from state have no number.
  const runs = [first, second].map(({ kept }) => values(kept).filter((n) => n !== undefined));
  for (const delivered of runs) expect(new Set(delivered).size).toBe(delivered.length);
  expect([...new Set(runs.flat())].sort((a, b) => Number(a) - Number(b))).toEqual(all(count));
};

/** What is said of a transform that cannot be built; nothing is read then, and the next run reads all. */
export const buildErrorOf = async (planted: Plugin): Promise<string> => {
  const dataDir = temporaryDir();
  const data = openDataDir(dataDir, writerOver());
  const plan = topology({ in: [lines(numbers(7))], t: [planted, ["in"]], out: [keeping().plugin, ["t"]] });
  try {
    new Runtime(plan, data, recordedLog());
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    expect(error.component).toBe("t");
    await data.close();
    await expectRest({ kept: [], dataDir }, 7);
    return error.message;
  }
  throw new Error("it was built");
};

/** Replays all dead letters of a data dir through a mended transform: each comes out once, and none is left. */
export const replayed = async (dataDir: string, mended: Plugin = passing): Promise<readonly { data: Data }[]> => {
  const letters = deadLetters(dataDir).length;
  const stopped = openStopped(dataDir);
  expect(await stopped.replay({})).toMatchObject({ marked: letters, refused: [] });
  stopped.close();
  const run = await runPlanted(mended, { records: [], dataDir });
  expect(await run.runtime.ended).toEqual({ how: "finished" });
  expectBalance(run);
  return run.kept;
};
