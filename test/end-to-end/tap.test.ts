import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { expectConservation } from "./conservation.ts";
import { answers, pipelineFile, readLines, readStats, runWeir, startWeir, temporaryFolder } from "./weir.ts";

const setUp = () => {
  const folder = temporaryFolder();
  const log = join(folder, "in.log");
  const [dataDir, stats, out] = ["data", "stats.json", "out.ndjson"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const pipeline = pipelineFile(folder, {
    sources: { numbers: { type: "file", include: [log], codec: "json" } },
    transforms: { even: { type: "filter", inputs: ["numbers"], where: "even: true" } },
    sinks: { kept: { type: "file", inputs: ["even"], path: out } },
  });
  writeFileSync(log, "");
  const run = startWeir(["run", pipeline, "--data-dir", dataDir, "--stats", stats]);
  const tap = async (...args: string[]) => {
    const tap = startWeir(["tap", ...args, "--data-dir", dataDir]);
    expect(await tap.said("watching what")).toBe(true);
    return tap;
  };
  const write = (from: number, to: number) => {
    const lines = Array.from({ length: to - from }, (_, index) => from + index).map(
      (n) => `{"n":${n},"even":${n % 2 === 0},"big":12345678901234567890}\n`,
    );
    appendFileSync(log, lines.join(""));
  };
  return { run, tap, write, stats, out, dataDir };
};

interface Line {
  readonly component: string;
  readonly event_id: string;
  readonly data: { readonly n: number };
}

const linesOf = (out: string): Line[] =>
  out
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

/** How many events a tap says that it has not shown. */
const notShown = (log: readonly { readonly msg: string }[]): number =>
  log.reduce((sum, { msg }) => sum + Number(/^not shown: (\d+) event/.exec(msg)?.[1] ?? 0), 0);

it("a tap shows or counts exactly the events that pass, until weir ends; several see different things at once", async () => {
  const { run, tap, write, stats, out, dataDir } = setUp();
  await answers(dataDir);
  const [leaving, entering, some, first] = await Promise.all([
    tap("n*"),
    tap("kept", "--inputs"),
    tap("*", "--where", "n >= 300 and even: true"),
    tap("numbers", "--limit", "7"),
  ]);
  for (let from = 0; from < 400; from += 20) {
    write(from, from + 20);
    await sleep(10);
  }
  const limited = await first.ended;
  expect(limited.code).toBe(0);
  expect(linesOf(limited.out)).toHaveLength(7);
  // When the last event is stored, it has passed all taps.
  while (readLines(out).length < 200) await sleep(20);
  expect((await run.stop("SIGTERM")).code).toBe(0);
  const [left, entered, matched] = await Promise.all([leaving.ended, entering.ended, some.ended]);
  expect([left.code, entered.code, matched.code]).toEqual([0, 0, 0]);
  // A tap that would slow the run leaves events out, and counts them: on a busy machine, some.
  const passed = { left: upTo(400), entered: upTo(200).map((n) => 2 * n) };
  for (const [which, { out, log }] of Object.entries({ left, entered })) {
    const shown = linesOf(out).map(({ data }) => data.n);
    const all = passed[which as keyof typeof passed];
    expect(shown).toEqual(all.filter((n) => new Set(shown).has(n)));
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.length + notShown(log)).toBe(all.length);
  }
  expect(left.out).toContain('"big":12345678901234567890');
  expect(new Set(linesOf(left.out).map(({ event_id }) => event_id)).size).toBe(linesOf(left.out).length);
  const pairs = linesOf(matched.out).map(({ component, data }) => `${component} ${data.n}`);
  const matching = ["even", "numbers"].flatMap((id) => upTo(50).map((n) => `${id} ${300 + 2 * n}`));
  expect(matching).toEqual(expect.arrayContaining(pairs));
  if (notShown(matched.log) === 0) expect(pairs.sort()).toEqual(matching);
  expectConservation(readStats(stats));
});

it("a tap that nobody reads, or that is killed, loses its own events, and none of the run", async () => {
  const { run, tap, write, stats, out, dataDir } = setUp();
  await answers(dataDir);
  const [stalled, killed] = await Promise.all([tap("*", "--rate", "1000000"), tap("*")]);
  stalled.child.stdout!.pause();
  stalled.child.kill("SIGSTOP");
  for (let from = 0; from < 60_000; from += 10_000) write(from, from + 10_000);
  killed.child.kill("SIGKILL");
  while (readLines(out).length < 30_000) await sleep(50);
  expect((await run.stop("SIGTERM")).code).toBe(0);
  expectConservation(readStats(stats));
  expect(readStats(stats).components["kept"]).toMatchObject({ component_sent_events_total: 30_000 });
  expect(readLines(out).map(({ n }) => n)).toEqual(upTo(30_000).map((n) => 2 * n));
  stalled.child.kill("SIGCONT");
  stalled.child.stdout!.resume();
  const { out: shown } = await stalled.ended;
  expect(linesOf(shown).length).toBeLessThan(90_000);
});

it("a tap says how many events it does not show, and ends with a signal", async () => {
  const { run, tap, write, dataDir } = setUp();
  await answers(dataDir);
  const few = await tap("numbers", "--rate", "10");
  write(0, 200);
  expect(await few.said("(more than 10 in a second; see --rate)")).toBe(true);
  // What is not shown is told twice if the file was read in two parts.
  while (notShown(few.log) < 190) await sleep(20);
  const { code, out, log } = await few.stop("SIGINT");
  expect(code).toBe(0);
  expect(linesOf(out)).toHaveLength(10);
  expect(notShown(log)).toBe(190);
  await run.stop("SIGTERM");
});

it("a tap needs a weir that runs", async () => {
  const { run, dataDir } = setUp();
  await answers(dataDir);
  expect(await runWeir(["tap", "nope", "--data-dir", dataDir])).toMatchObject({ code: 1, out: "" });
  await run.stop("SIGTERM");
  const { code, log } = await runWeir(["tap", "*", "--data-dir", dataDir]);
  expect(code).toBe(1);
  expect(log[0]!.msg).toContain("No weir is running on");
});
