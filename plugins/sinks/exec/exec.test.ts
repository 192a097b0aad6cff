import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it, onTestFinished } from "vitest";
import { delivery, logRecorder, openSink, testSink } from "weir/testing";
import sink from "./index.ts";

const folderOf = () => {
  const folder = mkdtempSync(join(tmpdir(), "weir-exec-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");
const documents = (path: string): unknown[] =>
  textOf(path)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

const defaults = { environment: {}, mode: "batch", final_exit_codes: [] as readonly number[] };
const shell = (script: string) => ["sh", "-c", script];
const events = [{ n: 1, text: "ü\n" }, { n: 2 }, { n: 3 }];

testSink(sink, [
  ...["batch", "stream"].map((mode) => ({
    name: `mode ${mode}`,
    events,
    arrange: async () => {
      const path = join(folderOf(), "out");
      return {
        config: { ...defaults, mode, command: shell('exec cat >> "$OUT"'), environment: { OUT: path } },
        // A command that goes on ends when its input does.
        received: () => documents(path),
      };
    },
  })),
  {
    name: "a command that refuses",
    events,
    arrange: async () => {
      const folder = folderOf();
      const [path, switchFile] = [join(folder, "out"), join(folder, "refuse")];
      const command = shell(
        `[ ! -e ${switchFile} ] || exit 1; [ ! -e ${switchFile}.stall ] || exec sleep 1000; cat >> ${path}`,
      );
      const { writeFileSync } = await import("node:fs");
      return {
        config: { ...defaults, command },
        received: () => documents(path),
        refuse: () => writeFileSync(switchFile, ""),
        accept: () => rmSync(switchFile),
        stall: () => writeFileSync(`${switchFile}.stall`, ""),
      };
    },
  },
]);

it("says how a command failed, with the last line of its standard error", async () => {
  const log = logRecorder();
  const command = shell("cat > /dev/null; echo no route >&2; exit 4");
  const opened = await openSink(sink, { config: { ...defaults, command }, log });
  await expect(opened.write([delivery({ n: 1 })])).rejects.toThrow('the command "sh" exited with code 4: no route');
  expect(log.lines).toMatchObject([{ level: "warn", message: "the command wrote to standard error: no route" }]);
  const missing = await openSink(sink, { config: { ...defaults, command: ["/no/such"] } });
  await expect(missing.write([delivery({ n: 1 })])).rejects.toThrow('the command "/no/such" does not exist');
});

it("finds the events that are to blame, and delivers all others", async () => {
  const path = join(folderOf(), "out");
  const command = shell(`cat > ${path}.in; ! grep -q poison ${path}.in || exit 65; cat ${path}.in >> ${path}`);
  const opened = await openSink(sink, { config: { ...defaults, command, final_exit_codes: [65] } });
  const all = Array.from({ length: 9 }, (_, n) => ({ n, ...((n === 2 || n === 7) && { text: "poison" }) }));
  const outcome = await opened.write(all.map((data) => delivery(data)));
  expect(outcome?.failed?.map(({ index, final }) => [index, final])).toEqual([
    [2, true],
    [7, true],
  ]);
  expect(documents(path)).toEqual(all.filter(({ text }) => text === undefined));
});

it("starts a command that goes on again when it has ended", async () => {
  const path = join(folderOf(), "out");
  const config = { ...defaults, mode: "stream", command: shell(`head -n 1 >> ${path}`) };
  const opened = await openSink(sink, { config });
  // What it gets after its only line is lost, which cannot be known.
  for (let n = 0; documents(path).length < 3; n++)
    await opened.write([delivery({ n })]).catch((error) => expect(error.message).toMatch(/exited with code 0/));
  await opened.close();
});

it("gives up on a command that goes on without reading its input, and starts it again", async () => {
  const path = join(folderOf(), "out");
  const command = shell(`if [ -e ${path} ]; then exec cat >> ${path}; fi; : > ${path}; exec <&-; exec sleep 1000`);
  const opened = await openSink(sink, { config: { ...defaults, mode: "stream", command } });
  // It may take the first one before it closes its input.
  const big = Array.from({ length: 20 }, (_, n) => delivery({ n, text: "x".repeat(100_000) }));
  await expect(opened.write(big)).rejects.toThrow("closed its input");
  await opened.write([delivery({ n: 1 })]);
  await opened.close();
  expect(documents(path)).toEqual([{ n: 1 }]);
});

it("keeps nothing of what a command that goes on has taken", async () => {
  const config = { ...defaults, mode: "stream", command: shell("exec cat > /dev/null") };
  const opened = await openSink(sink, { config });
  const write = async () => {
    const event = delivery({ n: 1 });
    await opened.write([event]);
    return new WeakRef(event);
  };
  const written = await write();
  await opened.write([delivery({ n: 2 })]);
  setFlagsFromString("--expose-gc");
  for (let tries = 0; tries < 20 && written.deref(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    (runInNewContext("gc") as () => void)();
  }
  expect(written.deref()).toBe(undefined);
  await opened.close();
});
