import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { weir as printedBy } from "../../src/cli/testing/printed.ts";
import { expectConservation } from "./conservation.ts";
import {
  pipelineFile,
  readLines,
  readLinesSoFar,
  readStats,
  runWeir,
  startWeir,
  temporaryFolder,
  type Weir,
} from "./weir.ts";

/** A log with lines that are no records, into a file. */
const setUp = ({ codec = "json", follow = true } = {}) => {
  const folder = temporaryFolder();
  const log = join(folder, "in.log");
  const out = join(folder, "out.ndjson");
  const dataDir = join(folder, "data");
  const pipelineWith = (options: { codec: string; follow: boolean; origin?: string }) =>
    pipelineFile(folder, {
      sources: { numbers: { type: "file", include: [log], ...options } },
      sinks: { kept: { type: "file", inputs: ["numbers"], path: out } },
    });
  const stats = join(folder, "stats.json");
  const args = ["run", pipelineWith({ codec, follow }), "--data-dir", dataDir, "--stats", stats];
  writeFileSync(log, '{"number":0}\nfirst\n[1]\nsecond\n{"number":1}\n');
  return { out, dataDir, stats, args, pipelineWith };
};

/** A command in this process, beside the weir that it asks. */
const ask = (command: string) => printedBy(...command.split(" "));

const endpointOf = async (weir: Weir): Promise<string> => {
  await weir.said("serving health, readiness and metrics at");
  return weir.log.map(({ msg }) => /at (http:\S+)\/health/.exec(msg)?.[1]).find((url) => url !== undefined)!;
};

it("a running weir is asked for its health, its numbers and its dead letters, and lets them go", async () => {
  const { args, dataDir, out, stats } = setUp();
  const weir = startWeir([...args, "--listen", "127.0.0.1:0"]);
  const url = await endpointOf(weir);
  const get = async (path: string) => {
    const response = await fetch(url + path);
    return { status: response.status, text: await response.text() };
  };
  const askHere = (command: string) => ask(`${command} --data-dir ${dataDir}`);
  while (readLinesSoFar(out).length < 2) await sleep(5);

  expect(await get("/health")).toMatchObject({ status: 200, text: expect.stringContaining('"alive"') });
  expect(await get("/ready")).toEqual({ status: 200, text: '{"ready":true,"reasons":{}}\n' });
  const labels = 'component_id="numbers",component_kind="source",component_type="file"';
  const metrics = (await get("/metrics")).text;
  expect(metrics).toContain(`weir_component_received_events_total{${labels}} 5\n`);
  expect(metrics).toContain(`weir_component_dead_letter_events_total{${labels},reason="not_json"} 2\n`);
  expect(metrics).toContain("weir_component_sent_events_total");
  expect(metrics).toMatch(/weir_outbox_bytes\{outbox="dead_letter"\} [1-9]/);

  const status = (await askHere("status")).out;
  expect(status).toMatch(new RegExp(`process ${weir.child.pid}, running for .*\\nready\\n`));
  expect(status).toMatch(/numbers +source file +5 +0 +2 +0 +0 +3 +0\n/);
  expect(status).toContain("numbers: 2 to the dead letter (not_json)");
  const listed = await askHere("dead-letters list --json");
  const letters = listed.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(letters.map(({ reason, data }) => [reason, data.raw])).toEqual([
    ["not_json", "first"],
    ["not_an_object", "[1]"],
    ["not_json", "second"],
  ]);
  expect((await askHere(`dead-letters show ${letters[1].id}`)).out).toContain("component       numbers");
  expect(await askHere(`dead-letters replay ${letters[0].id}`)).toMatchObject({
    code: 1,
    out: `0 dead letters replayed\n1 not replayed (the first is ${letters[0].id}): it is still not_json\n`,
  });
  expect(await askHere("dead-letters purge --reason not_json")).toMatchObject({
    code: 0,
    out: expect.stringContaining("2 dead letters purged"),
  });
  expect((await askHere("dead-letters list")).error).toBe('1 dead letter: 1 of "numbers" (not_an_object)\n');

  expect((await weir.stop("SIGTERM")).code).toBe(0);
  expectConservation(readStats(stats));
  expect(readdirSync(dataDir)).not.toContain("control.sock");
  expect((await askHere("status")).out).toMatch(/dead_letter +\d+ bytes {2}1 letter/);
  expect((await askHere("status --json")).out).toContain('"phase": "stopped"');
});

it("dead letters of a stopped weir come back with its next start, when what was wrong is mended", async () => {
  const { args, dataDir, out, stats, pipelineWith } = setUp({ follow: false });
  expect((await runWeir(args)).code).toBe(0);
  const marked = await ask(`dead-letters replay --all --data-dir ${dataDir}`);
  expect(marked).toMatchObject({
    code: 0,
    out: "weir is not running here: 3 dead letters marked for its next start\n",
  });
  pipelineWith({ codec: "text", origin: "never", follow: false });
  expect((await runWeir(args)).code).toBe(0);
  expect(readLines(out)).toEqual([
    { number: 0 },
    { number: 1 },
    { message: "first" },
    { message: "[1]" },
    { message: "second" },
  ]);
  expectConservation(readStats(stats));
  expect((await ask(`dead-letters list --data-dir ${dataDir}`)).error).toBe("There are no dead letters.\n");
});

it("says at level debug what is running, and when events are committed and delivered", async () => {
  const { args } = setUp({ follow: false });
  const { log } = await runWeir([...args, "--log-level", "debug"]);
  const said = log.filter(({ level }) => level === "debug").map(({ component, msg }) => `${component}: ${msg}`);
  expect(said).toContain("numbers: source of type file");
  expect(said).toContain("kept: sink of type file, takes numbers");
  expect(said).toContainEqual(expect.stringMatching(/^weir: commit of 1 batch took \d+ ms$/));
  expect(said).toContainEqual(expect.stringMatching(/^kept: wrote 2 events in \d+ ms, 0 failed$/));
});

it("stops cleanly when a signal comes while it starts", async () => {
  const { args, dataDir } = setUp();
  const delays = process.env["WEIR_LONG"] ? Array.from({ length: 40 }, (_, index) => index * 20) : [250, 350];
  for (const delay of delays) {
    const weir = startWeir([...args, "--listen", "0"]);
    await sleep(delay);
    const { code, signal, log } = await weir.stop("SIGTERM");
    // Before it begins, there is nothing to end; from then on it drains.
    const hasBegun = log.some(({ msg }) => msg.startsWith("running "));
    expect({ code, signal }).toEqual(hasBegun ? { code: 0, signal: null } : expect.anything());
    expect(existsSync(join(dataDir, "control.sock"))).toBe(false);
  }
});

it("says what it cannot listen on, and where there can be no data dir", async () => {
  const { args } = setUp({ follow: false });
  const first = startWeir([...setUp().args, "--listen", "127.0.0.1:0"]);
  const taken = new URL(await endpointOf(first)).host;
  const second = await runWeir([...args, "--listen", taken]);
  expect(second).toMatchObject({
    code: 1,
    log: [{ msg: expect.stringContaining(`--listen: cannot listen on "${taken}"`) }],
  });
  await first.stop("SIGTERM");
  const nonsense = await ask(`${args.join(" ")} --listen nonsense`);
  expect(nonsense).toMatchObject({ code: 2, error: expect.stringContaining("such as 127.0.0.1:9598") });
  if (!existsSync("/proc/self")) return;
  const [run, pipeline = ""] = args;
  const nowhere = await runWeir([run!, pipeline, "--data-dir", "/proc/nowhere/data"]);
  expect(nowhere).toMatchObject({
    code: 1,
    log: [{ msg: expect.stringContaining('the data dir "/proc/nowhere/data"') }],
  });
});
