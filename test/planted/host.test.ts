import { spawnSync } from "node:child_process";
import { unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Event, RejectError } from "weir";
import type { DeadLetterDesk } from "../../src/runtime/dead-letters/desk.ts";
import { virtualClock } from "../../src/testing/index.ts";
import {
  eachOf,
  inTime,
  keeping,
  keepOf,
  lines,
  numbers,
  startRun,
  temporaryDir,
  topology,
  until,
} from "../runtime/harness.ts";
import { all, deadLetters, expectBalance, values } from "./faults.ts";

const picky = (refuses: () => boolean) =>
  eachOf((event: Event) => {
    if (refuses() && Number(event.data["n"]) % 7 === 0) throw new RejectError("unwanted", "not now");
    return event;
  });

/** The result of a replay: the number of replayed letters, or the error. */
const answerOf = (replay: ReturnType<DeadLetterDesk["replay"]>): Promise<string> =>
  replay.then(
    ({ replayed }) => `replayed ${replayed}`,
    (error: Error) => error.message,
  );

describe("dead letters that are replayed while a run ends (it hung forever)", () => {
  it("are accepted before it drains, or refused; the run ends in every case, and no letter is lost", async () => {
    const answers = new Set<string>();
    for (const wait of [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 40]) {
      const dataDir = temporaryDir();
      let refuses = true;
      const { kept, plugin } = keeping();
      const plan = topology({
        in: [lines(numbers(70))],
        t: [picky(() => refuses), ["in"]],
        keeps: [keepOf(() => (event) => event), ["t"]],
        out: [plugin, ["keeps"]],
      });
      const { runtime } = await startRun(plan, dataDir);
      await until(() => runtime.stats().components["t"]!.component_received_events_total === 70);
      refuses = false;
      let turns = 0;
      await until(() => turns++ >= wait);
      const answer = await answerOf(runtime.desk.replay({}));
      expect(answer).toMatch(/^replayed \d+$|; the dead letters are unchanged\.$/);
      answers.add(answer.replace(/\d+/, "n"));
      expect(await runtime.ended).toEqual({ how: "finished" });
      expectBalance({ runtime });
      const back = /^replayed (\d+)$/.exec(answer)?.[1] ?? 0;
      expect(kept).toHaveLength(60 + Number(back));
      expect(deadLetters(dataDir)).toHaveLength(10);
    }
    expect(answers.size).toBeGreaterThan(0);
  });

  it("are refused with a message while the run waits for a slow sink", async () => {
    const dataDir = temporaryDir();
    let deliver = () => {};
    const delivered = new Promise<void>((resolve) => {
      deliver = resolve;
    });
    let refuses = true;
    const { kept, plugin } = keeping(() => delivered);
    const plan = topology({
      in: [lines(numbers(70))],
      t: [picky(() => refuses), ["in"]],
      out: [plugin, ["t"]],
    });
    const { runtime } = await startRun(plan, dataDir);
    await until(() => deadLetters(dataDir).length === 10);
    // From now on the run only waits for its sink.
    let turns = 0;
    await until(() => turns++ > 100);
    refuses = false;
    expect(await answerOf(runtime.desk.replay({}))).toBe(
      "weir is stopping and accepts no replay; the dead letters are unchanged.",
    );
    deliver();
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(kept).toHaveLength(60);
    expectBalance({ runtime });
  });

  it("are refused when the run has ended, as is a purge", async () => {
    const dataDir = temporaryDir();
    const plan = topology({
      in: [lines(numbers(7))],
      t: [picky(() => true), ["in"]],
      out: [keeping().plugin, ["t"]],
    });
    const { runtime } = await startRun(plan, dataDir);
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(await answerOf(runtime.desk.replay({}))).toBe(
      "weir is stopping and accepts no replay; the dead letters are unchanged.",
    );
    await expect(runtime.desk.purge({})).rejects.toThrow(
      "weir stopped before the commit; the dead letters are unchanged.",
    );
    expect(deadLetters(dataDir)).toHaveLength(1);
  });
});

it("a purge that is in progress when the run ends gets a result", async () => {
  for (const wait of [0, 1, 2, 4, 8]) {
    const clock = virtualClock();
    const plan = topology({
      in: [lines(numbers(70), { follow: true })],
      t: [picky(() => true), ["in"]],
      out: [keeping().plugin, ["t"]],
    });
    const dataDir = temporaryDir();
    const { runtime } = await startRun(plan, dataDir, { clock });
    await until(
      () => deadLetters(dataDir).length === 10,
      () => clock.advance(100),
    );
    const stopping = inTime(clock, runtime.stop(1000));
    let turns = 0;
    await until(() => turns++ >= wait);
    const answer = await runtime.desk.purge({}).then(
      ({ purged }) => `purged ${purged}`,
      (error: Error) => error.message,
    );
    expect(answer).toMatch(/^purged \d+$|^weir stopped before the commit; the dead letters are unchanged\.$/);
    await stopping;
    expect(await runtime.ended).toEqual({ how: "stopped" });
  }
});

it("a stop names no component, and abandons what a transform still holds", async () => {
  const clock = virtualClock();
  const { kept, plugin } = keeping();
  const plan = topology({
    in: [lines(numbers(70), { follow: true })],
    t: [picky(() => false), ["in"]],
    out: [plugin, ["t"]],
  });
  const { runtime } = await startRun(plan, temporaryDir(), { clock });
  await until(
    () => kept.length === 70,
    () => clock.advance(100),
  );
  await inTime(clock, runtime.stop(1000));
  expect(await runtime.ended).toEqual({ how: "stopped" });
  expect(values(kept)).toEqual(all(70));
  expect([...runtime.unready]).toEqual([]);
});

describe("a plugin that can be built only during validation", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const program = `
    import { defineSink, defineSource, defineTransform } from "weir";
    import { plugins } from "${root}src/cli/plugins.ts";
    import { runTopology } from "${root}src/cli/run.ts";
    import { defaultDelivering, topologyOf } from "${root}src/topology/topology.ts";
    const planted = { summary: "Planted.", options: {} };
    const source = defineSource({ name: "s", ...planted, async *read() {} });
    const sink = defineSink({ name: "k", ...planted, open: () => ({ write: async () => undefined }) });
    const bad = defineTransform({ name: "b", ...planted, each: () => { throw new Error("the zone \\"Mars\\" is not known"); } });
    const topology = topologyOf([
      { id: "in", kind: "source", plugin: source, config: {}, inputs: [], host: { codec: "json", framing: "newline", maxLine: 1024 } },
      { id: "bad", kind: "transform", plugin: bad, config: {}, inputs: ["in"], host: { outputs: [], dropOutputs: [] } },
      { id: "out", kind: "sink", plugin: sink, config: {}, inputs: ["bad"], host: defaultDelivering(sink) },
    ]);
    process.exitCode = await runTopology(topology, {
      dataDir: process.argv[2], drain: 1000, deadLetterSize: 1e6, logLevel: "info", logFormat: "pretty",
    });
  `;

  it("ends the command with one message and no stack, and releases the data dir", () => {
    const folder = temporaryDir();
    const file = join(root, "test/planted", `.planted-${process.pid}.ts`);
    writeFileSync(file, program);
    const run = () =>
      spawnSync(process.execPath, ["--conditions=weir-source", file, join(folder, "data")], {
        cwd: root,
        encoding: "utf8",
      });
    try {
      for (const { status, stdout, stderr } of [run(), run()]) {
        expect(`${stdout}${stderr}`.trim().split("\n")).toHaveLength(1);
        expect(stderr).toContain('"bad" could not be built: the zone "Mars" is not known');
        expect(status).toBe(1);
      }
    } finally {
      unlinkSync(file);
    }
  });
});
