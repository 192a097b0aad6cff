import { appendFile, copyFile, mkdtemp, open, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type RecordingHost, readSource, recordingHost } from "weir/testing";
import file from "./index.ts";

type Step =
  | { readonly do: "line"; readonly length: number; readonly torn: boolean }
  | { readonly do: "rotate" }
  | { readonly do: "pause" };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant("line" as const),
        length: fc.oneof({ weight: 20, arbitrary: fc.nat(200) }, { weight: 1, arbitrary: fc.nat(600_000) }),
        torn: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.constant({ do: "rotate" as const }) },
    { weight: 2, arbitrary: fc.constant({ do: "pause" as const }) },
  ),
  { minLength: 20, maxLength: 150 },
);

interface Rotation {
  /** Gives the log at `path` the name `to`, or copies it there. */
  rotate(path: string, to: string): Promise<void>;
  /** Runs some steps later. */
  archive(to: string): Promise<void>;
  /** The log is truncated in place. */
  readonly truncates?: true;
}

const runs = fc.record({
  kills: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 8 }),
  mostOpen: fc.constantFrom(undefined, 1, 2, 3),
});

const nothing = async () => undefined;

const byName: Rotation = {
  rotate: async (path, to) => {
    await rename(path, to);
    await writeFile(path, "", { mode: 0o600 });
  },
  archive: nothing,
};

/** As kube-apiserver does it: the compressed file grows under its final name, then the original is removed. */
const compress = async (to: string) => {
  const bytes = gzipSync(await readFile(to));
  await using file = await open(`${to}.gz`, "w");
  await file.write(bytes.subarray(0, bytes.length >> 1));
  await sleep(1);
  await file.write(bytes.subarray(bytes.length >> 1));
  await rm(to);
};

const rotations: Readonly<Record<string, Rotation>> = {
  renamed: byName,
  "renamed and compressed": { ...byName, archive: compress },
  "copied and truncated": {
    rotate: async (path, to) => {
      await copyFile(path, to);
      await sleep(0);
      await truncate(path, 0);
    },
    archive: nothing,
    truncates: true,
  },
  "copied, truncated and compressed": {
    rotate: async (path, to) => {
      await copyFile(path, to);
      await truncate(path, 0);
    },
    archive: compress,
    truncates: true,
  },
};

/** Writes lines, and rotates the log between lines. */
const write = async (path: string, plan: readonly Step[], { rotate, archive }: Rotation): Promise<string[]> => {
  const lines: string[] = [];
  let rotated = 0;
  let open: string | undefined;
  // The first line of a file is written at once, and is long enough to tell the file from others.
  let fresh = true;
  for (const step of plan) {
    if (step.do === "pause") await sleep(2);
    else if (step.do === "rotate") {
      if (fresh) continue;
      if (open) await archive(open);
      while (Date.now() <= rotated) await sleep(1);
      rotated = Date.now();
      open = path.replace(".log", `-${new Date(rotated).toISOString().slice(0, -1).replaceAll(":", "-")}.log`);
      await rotate(path, open);
      fresh = true;
    } else {
      // No two positions in the log have the same bytes before them.
      const filling = `${lines.length * 7919}.`.repeat(60 + step.length);
      const line = `${lines.length} ${filling.slice(0, fresh ? 100 + step.length : step.length)}`;
      const middle = step.torn && !fresh ? Math.floor(line.length / 2) : line.length;
      if (middle < line.length) {
        await appendFile(path, line.slice(0, middle));
        await sleep(0);
        await appendFile(path, `${line.slice(middle)}\n`);
      } else await appendFile(path, `${line}\n`);
      lines.push(line);
      fresh = false;
    }
  }
  if (open) await archive(open);
  return lines;
};

interface Runs {
  /** After how many readings each run is killed. */
  readonly kills: readonly number[];
  readonly mostOpen: number | undefined;
}

/** Reads until `done`. */
const follow = async (path: string, { kills, mostOpen }: Runs, host: RecordingHost, done: () => boolean) => {
  for (let run = 0; ; run++) {
    const stop = new AbortController();
    const timer = setInterval(() => done() && stop.abort(), 2);
    const limit = kills[run] ?? Number.POSITIVE_INFINITY;
    const settings = { include: [path], follow: true, read_from: "beginning", poll_interval: 10 };
    const config = { ...settings, max_open_files: mostOpen };
    let readings = 0;
    for await (const reading of readSource(file, { config, checkpoints: host.checkpoints, signal: stop.signal })) {
      host.take(reading);
      if (++readings >= limit) break;
    }
    clearInterval(timer);
    host.crash();
    if (stop.signal.aborted) return;
    await sleep(run % 4 === 3 ? 30 : run % 3);
  }
};

const until = async (condition: () => boolean) => {
  while (!condition()) await sleep(1);
};

const first = "the very first line, which is long enough to tell this file from all the others that follow it";

/** After a truncation, lines written in place may be read before the unread rest, which is in the copy. */
const inOrder = ({ truncates }: Rotation, lines: readonly string[]) => (truncates ? [...lines].sort() : lines);

it.each(Object.entries(rotations))(
  "reads every line once and in order, while the log is %s and the reader is killed",
  async (_how, rotation) => {
    await fc.assert(
      fc.asyncProperty(steps, runs, async (plan, runs) => {
        const directory = await mkdtemp(join(tmpdir(), "weir-file-"));
        const path = join(directory, "audit.log");
        await writeFile(path, `${first}\n`);
        const host = recordingHost();
        let written: string[] | undefined;
        // Files rotated before the very first scan are ignored, so the writer starts after it.
        const writing = until(() => host.lines.length > 0)
          .then(() => write(path, plan, rotation))
          .then((lines) => {
            written = [first, ...lines];
          });
        const late = AbortSignal.timeout(30_000);
        await follow(
          path,
          runs,
          host,
          () => late.aborted || (written !== undefined && host.lines.length >= written.length),
        );
        await writing;
        const lines = host.lines.map(({ text }) => text);
        expect(inOrder(rotation, lines)).toEqual(inOrder(rotation, written!));
        await rm(directory, { recursive: true });
      }),
      { numRuns: process.env["WEIR_LONG"] ? 120 : 6, endOnFailure: true },
    );
  },
);
