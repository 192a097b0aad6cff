import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { turn, virtualClock } from "../testing/index.ts";
import { watchFiles } from "./watch.ts";

const watching = (names: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), "weir-watch-"));
  const over = new AbortController();
  onTestFinished(() => {
    over.abort();
    rmSync(folder, { recursive: true, force: true });
  });
  const path = (name: string) => join(folder, name);
  const clock = virtualClock();
  let changes = 0;
  const start = () =>
    void watchFiles({
      files: () => names.map(path),
      onChange: async () => void changes++,
      clock,
      signal: over.signal,
    });
  /** How often a change was noticed after some looks. */
  const look = async (times = 3): Promise<number> => {
    for (let look = 0; look < times; look++) {
      await clock.advance(500);
      await turn();
    }
    return changes;
  };
  return { path, start, look };
};

it("notices a change once, when it is over; also a file that appears or disappears", async () => {
  const { path, start, look } = watching(["a", "b"]);
  writeFileSync(path("a"), "1");
  start();
  expect(await look()).toBe(0);
  writeFileSync(path("a"), "12");
  expect(await look(1)).toBe(0);
  writeFileSync(path("a"), "123");
  expect(await look(1)).toBe(0);
  expect(await look()).toBe(1);
  writeFileSync(path("b"), "");
  expect(await look()).toBe(2);
  rmSync(path("a"));
  expect(await look()).toBe(3);
  expect(await look()).toBe(3);
});

it("notices that the link of a folder was exchanged, as Kubernetes does it with a ConfigMap", async () => {
  const { path, start, look } = watching(["pipeline.yaml"]);
  const version = (name: string) => {
    mkdirSync(path(name));
    writeFileSync(path(`${name}/pipeline.yaml`), "the same length");
    symlinkSync(name, path("..next"));
    renameSync(path("..next"), path("..data"));
  };
  version("..1");
  symlinkSync("..data/pipeline.yaml", path("pipeline.yaml"));
  start();
  expect(await look()).toBe(0);
  version("..2");
  expect(await look()).toBe(1);
});
