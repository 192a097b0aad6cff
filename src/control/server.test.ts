import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { connect, Socket } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { DeadLetter } from "../runtime/dead-letters/letter-files.ts";
import { temporaryDataDir } from "../testing/letters.ts";
import { reachControl } from "./client.ts";
import type { Control } from "./control.ts";
import { serveControl } from "./server.ts";
import { findSocket } from "./socket-path.ts";

const letter = (id: string): DeadLetter => ({ id, data: "x".repeat(5000) }) as DeadLetter;

const control = (overrides: Partial<Control> = {}): Control => ({
  status: () => Promise.reject(new Error("no status today")),
  async *letters({ ids = [] }) {
    for (const id of ids) yield letter(id);
  },
  purge: async ({ component }) => ({ purged: 1, bytes: 2, unknown: [String(component)] }),
  replay: async () => ({ replayed: 3, marked: 0, refused: [], unknown: [] }),
  reload: async () => ({ outcome: "unchanged", text: "nothing has changed" }),
  diff: async (file) => ({ problems: file }),
  stored: async () => [],
  forget: async () => undefined,
  ...overrides,
});

it("carries requests and answers, and is gone when it is closed", async () => {
  const dataDir = temporaryDataDir();
  expect(await reachControl(dataDir)).toBeUndefined();
  const server = await serveControl(dataDir, control());
  expect(statSync(findSocket(dataDir)).mode & 0o777).toBe(0o600);
  const asked = (await reachControl(dataDir))!;
  expect(await asked.purge({ component: "out" })).toEqual({ purged: 1, bytes: 2, unknown: ["out"] });
  expect(await asked.replay({})).toMatchObject({ replayed: 3 });
  await expect(asked.status()).rejects.toThrow("no status today");
  const ids = Array.from({ length: 2000 }, (_, index) => `1-${index}`);
  const got: string[] = [];
  for await (const { id } of asked.letters({ ids })) got.push(id);
  expect(got).toEqual(ids);
  await server.close();
  expect(readdirSync(dataDir)).toEqual([]);
  await expect(asked.status()).rejects.toThrow("the running weir ended before it answered");
});

it("listens elsewhere when the data dir's path is too long for a socket", async () => {
  const dataDir = join(temporaryDataDir(), "long".repeat(40));
  mkdirSync(dataDir);
  const server = await serveControl(dataDir, control());
  const path = readFileSync(join(dataDir, "control.path"), "utf8").trim();
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  expect(await (await reachControl(dataDir))!.replay({})).toMatchObject({ replayed: 3 });
  await server.close();
  expect(existsSync(dirname(path))).toBe(false);
  expect(readdirSync(dataDir)).toEqual([]);
});

it("replaces a socket that a killed run has left", async () => {
  const dataDir = temporaryDataDir();
  const { writeFileSync } = await import("node:fs");
  writeFileSync(findSocket(dataDir), "");
  expect(await reachControl(dataDir)).toBeUndefined();
  const server = await serveControl(dataDir, control());
  expect(await (await reachControl(dataDir))!.replay({})).toMatchObject({ replayed: 3 });
  await server.close();
});

it("survives nonsense, and stops for a client that leaves", async () => {
  const dataDir = temporaryDataDir();
  let isOver = false;
  const endless = control({
    async *letters() {
      try {
        for (let number = 0; ; number++) yield letter(String(number));
      } finally {
        isOver = true;
      }
    },
  });
  const server = await serveControl(dataDir, endless);
  await new Promise((resolve) => connect(findSocket(dataDir)).end("no JSON\n").resume().on("close", resolve));
  const answer = await new Promise((resolve) =>
    connect(findSocket(dataDir))
      .once("data", (text) => resolve(JSON.parse(String(text))))
      .write('{"ask":"dance"}\n'),
  );
  expect(answer).toEqual({
    error: 'the running weir does not know "dance": it has another version. Use the same version for both.',
  });
  for await (const { id } of (await reachControl(dataDir))!.letters({})) if (id === "3") break;
  while (!isOver) await new Promise((resolve) => setImmediate(resolve));
  await server.close();
});

it("survives a client that leaves without reading the answer", async () => {
  const dataDir = temporaryDataDir();
  const server = await serveControl(dataDir, control());
  for (let times = 0; times < 5; times++) {
    // Paused before it connects, so that the answer is never read: that resets the connection.
    const socket = new Socket().pause();
    await new Promise<void>((resolve) => socket.connect(findSocket(dataDir), resolve));
    socket.write('{"ask":"replay","selector":{}}\n');
    await sleep(30);
    socket.destroy();
  }
  await sleep(30);
  expect(await (await reachControl(dataDir))!.replay({})).toMatchObject({ replayed: 3 });
  await server.close();
});
