import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { reachControl } from "../../src/control/client.ts";
import type { Control } from "../../src/control/control.ts";
import { pipelineFile, readLines, runWeir, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { readDeadLetters } from "./dead-letters.ts";

const count = 4000;
const kills = process.env["WEIR_LONG"] ? 15 : 1;

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

const reached = async (dataDir: string): Promise<Control> => {
  for (;;) {
    const control = await reachControl(dataDir);
    if (control) return control;
    await sleep(2);
  }
};

it("killed while it replays, weir has each letter in the dead letter or beyond it", async () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const lines = Array.from({ length: count }, (_, number) => `line ${number}`);
  writeFileSync(path("in.log"), `${lines.join("\n")}\n`);
  const start = (codec: string, follow: boolean) => [
    "run",
    pipelineFile(folder, {
      sources: { lines: { type: "file", include: [path("in.log")], codec, follow } },
      sinks: { kept: { type: "file", inputs: ["lines"], path: path("out.ndjson") } },
    }),
    "--data-dir",
    path("data"),
  ];
  expect((await runWeir(start("json", false))).code).toBe(0);
  expect(readDeadLetters(path("data"))).toHaveLength(count);

  for (let kill = 0; kill < kills; kill++) {
    const weir = startWeir(start("text", true));
    const control = await reached(path("data"));
    let isOver = false;
    const replaying = control.replay({}).then(
      () => undefined,
      () => undefined,
    );
    void replaying.then(() => {
      isOver = true;
    });
    const before = sizeOf(path("out.ndjson"));
    while (!isOver && sizeOf(path("out.ndjson")) === before) await sleep(1);
    await sleep(kill * 7);
    await weir.stop("SIGKILL");
    await replaying;
    expect(existsSync(path("data/control.sock"))).toBe(true);
  }
  const last = startWeir(start("text", true));
  const control = await reached(path("data"));
  expect(await control.replay({})).toMatchObject({ refused: [], unknown: [] });
  expect((await last.stop("SIGTERM")).code).toBe(0);
  const messages = readLines(path("out.ndjson")).map(({ message }) => message);
  // A delivery under way at a kill is repeated; nothing else is there that was not read.
  expect([...new Set(messages)].sort()).toEqual(lines.sort());
  const left = await runWeir(["dead-letters", "list", "--data-dir", path("data")]);
  expect(left.log).toMatchObject([{ msg: "There are no dead letters." }]);
});
