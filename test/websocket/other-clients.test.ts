import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { delivery } from "weir/testing";
import { opened, pushing, running, showing } from "./at-work.ts";
import { until } from "./support.ts";

const python = "/usr/bin/python3";
const hasLibrary = spawnSync(python, ["-c", "import websockets"], { timeout: 20_000 }).status === 0;
/** Where all is checked it is installed before, and not left out. */
const isLeftOut = !hasLibrary && process.env["CI"] === undefined;
if (isLeftOut) console.log("skipped: clients in Python, as python3-websockets is not installed");

/** A script at work, and the lines that it says. */
const script = (name: string, ...args: readonly string[]) => {
  const child = spawn(python, [join(import.meta.dirname, name), ...args], { timeout: 20_000 });
  onTestFinished(() => void child.kill());
  const lines: string[] = [];
  createInterface(child.stdout).on("line", (line) => lines.push(line));
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const said = async (count: number) => {
    await until(() => lines.length >= count || child.exitCode !== null);
    if (lines.length < count) throw new Error(`${name} said ${JSON.stringify(lines)}, and went with ${errors}`);
    return lines;
  };
  return { lines, said };
};

const signals = "?where=kind%3Asignal";
const three = [1, 2, 3].map((n) => delivery({ n, kind: n === 2 ? "noise" : "signal" }));

it("Node's own client subscribes, and is refused with an address that is wrong", async () => {
  const { write, address } = await showing();
  const socket = await opened(`${address}${signals}`);
  const messages: string[] = [];
  socket.onmessage = ({ data }) => void messages.push(String(data));
  await write(three);
  await until(() => messages.length === 2);
  expect(messages).toEqual(['{"n":1,"kind":"signal"}', '{"n":3,"kind":"signal"}']);
  await expect(opened(`${address}?filtre=x`)).rejects.toMatchObject({ type: "error" });
});

describe.skipIf(isLeftOut)("Debian's python3-websockets", () => {
  it("pushes: every message is acknowledged, pings are answered", async () => {
    const source = { type: "websocket_server", listen: "127.0.0.1:0", acknowledge: true };
    const { kept, address } = await running(source);
    const { said } = script("push.py", address, "200");
    expect(await said(1)).toEqual(["200 acknowledged"]);
    await until(() => kept.length === 400);
    const numbers = kept.map(({ data }) => Number(data["n"])).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 400 }, (_, n) => n));
  });

  it("subscribes, and is refused with an address that is wrong", async () => {
    const { write, address } = await showing();
    const { said } = script("listen.py", `${address}${signals}`, "2");
    await said(1);
    await write(three);
    expect(await said(4)).toEqual([
      "subscribed",
      '{"n":1,"kind":"signal"}',
      '{"n":3,"kind":"signal"}',
      "refused with 400",
    ]);
  });

  it("serves: what is too long for it is given up, however long, and the others arrive", async () => {
    const server = script("serve.py", "1000");
    const [port] = await server.said(1);
    const { write } = await pushing(`ws://127.0.0.1:${port}/`, { acknowledge: true });
    const sizes = [10, 2_000, 100, 20_000_000, 200];
    const outcome = await write(sizes.map((size, n) => delivery({ n, filler: "x".repeat(size) }, `event-${n}`)));
    expect(outcome!.failed!.map(({ index, final }) => [index, final])).toEqual([
      [1, true],
      [3, true],
    ]);
    expect((await server.said(4)).slice(1)).toEqual(["0", "2", "4"]);
  });
});
