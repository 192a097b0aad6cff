import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
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

/** Writes as kube-apiserver's log does: whole lines, then at some line's end a rename and a new file. */
const write = async (path: string, plan: readonly Step[]): Promise<string[]> => {
  const lines: string[] = [];
  let rotation = 0;
  for (const step of plan) {
    if (step.do === "pause") await sleep(2);
    else if (step.do === "rotate") {
      await rename(path, path.replace(".log", `-2031-05-06T07-${String(rotation++).padStart(4, "0")}.log`));
      await writeFile(path, "", { mode: 0o600 });
    } else {
      const line = `${lines.length} ${"x".repeat(step.length)}`;
      const middle = step.torn ? Math.floor(line.length / 2) : line.length;
      await appendFile(path, line.slice(0, middle));
      if (step.torn) await sleep(0);
      await appendFile(path, `${line.slice(middle)}\n`);
      lines.push(line);
    }
  }
  return lines;
};

/** Reads until told to stop; `cuts` says after how many readings each run is killed. */
const follow = async (path: string, cuts: readonly number[], host: RecordingHost, done: () => boolean) => {
  for (let run = 0; ; run++) {
    const stop = new AbortController();
    const timer = setInterval(() => done() && stop.abort(), 2);
    const limit = cuts[run] ?? Number.POSITIVE_INFINITY;
    const config = { include: [path], follow: true, read_from: "beginning", poll_interval: 10 };
    let readings = 0;
    for await (const reading of readSource(file, { config, checkpoints: host.checkpoints, signal: stop.signal })) {
      host.take(reading);
      if (++readings >= limit) break;
    }
    clearInterval(timer);
    host.crash();
    if (stop.signal.aborted) return;
    await sleep(run % 3);
  }
};

const until = async (condition: () => boolean) => {
  while (!condition()) await sleep(1);
};

it("reads every line once and in order, while the log is rotated and the reader is killed", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 8 }), async (plan, cuts) => {
      const directory = await mkdtemp(join(tmpdir(), "weir-file-"));
      const path = join(directory, "audit.log");
      await writeFile(path, "first\n");
      const host = recordingHost();
      let written: string[] | undefined;
      // What is rotated before the very first look is none of ours: the writer begins after it.
      const writing = until(() => host.lines.length > 0)
        .then(() => write(path, plan))
        .then((lines) => {
          written = ["first", ...lines];
        });
      const late = AbortSignal.timeout(5_000);
      await follow(
        path,
        cuts,
        host,
        () => late.aborted || (written !== undefined && host.lines.length >= written.length),
      );
      await writing;
      expect(host.lines.map(({ text }) => text)).toEqual(written);
      await rm(directory, { recursive: true });
    }),
    { numRuns: 40, endOnFailure: true },
  );
});
