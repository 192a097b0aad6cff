import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { connect, Socket } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { DeadLetter } from "../runtime/dead-letters/letter-files.ts";
import { temporaryDataDir } from "../testing/letters.ts";
import { reachControl } from "./client.ts";
import type { RunningControl } from "./control.ts";
import { serveControl } from "./server.ts";
import { findSocket } from "./socket-path.ts";

const letter = (id: string): DeadLetter => ({ id, data: "x".repeat(5000) }) as DeadLetter;

const control = (overrides: Partial<RunningControl> = {}): RunningControl => ({
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
  tap: () => Promise.reject(new Error("nothing to see")),
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

const nothingMissed = { rate: 0, time: 0, slow: 0, unreadable: 0 };

/** A tap with an endless stream of large parts. */
const flood = () => {
  let isOver = false;
  let sent = 0;
  const events = [{ component: "in", head: "{}", data: JSON.stringify("x".repeat(100_000)) }];
  const tap: RunningControl["tap"] = async () => ({
    points: ["in"],
    parts: {
      async *[Symbol.asyncIterator]() {
        for (; !isOver; sent++) yield { events, missed: nothingMissed };
      },
    },
    close: () => {
      isOver = true;
    },
  });
  return { tap, isOver: () => isOver, sent: () => sent };
};

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await sleep(5);
};

it("ends a tap whose reader leaves, also while nothing passes", async () => {
  const dataDir = temporaryDataDir();
  let closed = 0;
  const tap: RunningControl["tap"] = async () => {
    const over = new AbortController();
    const parts = {
      async *[Symbol.asyncIterator]() {
        await new Promise((resolve) => over.signal.addEventListener("abort", resolve));
      },
    };
    const close = () => {
      closed++;
      over.abort();
    };
    return { points: ["in", "route.errors"], parts, close };
  };
  const server = await serveControl(dataDir, control({ tap }));
  const reached = (await reachControl(dataDir))!;
  const [one, other] = [await reached.tap({ glob: "*" }), await reached.tap({ glob: "*" })];
  expect(one.points).toEqual(["in", "route.errors"]);
  const reading = (async () => {
    for await (const part of one.parts) expect(part).toBeUndefined();
  })();
  one.close();
  await reading;
  await until(() => closed === 1);
  void (async () => {
    for await (const part of other.parts) expect(part).toBeUndefined();
  })().catch(() => undefined);
  other.close();
  await until(() => closed === 2);
  await server.close();
});

it("sends a tap no more than its reader reads, and ends beside one that does not read", async () => {
  const dataDir = temporaryDataDir();
  const { tap, isOver, sent } = flood();
  const server = await serveControl(dataDir, control({ tap }));
  const socket = new Socket().pause();
  await new Promise<void>((resolve) => socket.connect(findSocket(dataDir), resolve));
  socket.write('{"ask":"tap","tap":{"glob":"*"}}\n');
  await until(() => sent() > 0);
  await sleep(100);
  const before = sent();
  await sleep(100);
  expect(sent()).toBe(before);
  await server.close();
  await until(isOver);
  expect(readdirSync(dataDir)).toEqual([]);
  socket.destroy();
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
