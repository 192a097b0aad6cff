import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "../clock.ts";
import type { Reading } from "../plugin.ts";
import { logRecorder } from "../testing/index.ts";
import { parseEndpoint, parseTarget } from "./endpoint.ts";
import { listenSocket } from "./listen.ts";

const defaults = { socket_mode: 0o600, max_connections: 10, max_buffered: 100_000 };

/** Listens on a free port, for a host that has room or not. */
const listen = async (listenOn: string, config: Record<string, unknown> = {}) => {
  const stop = new AbortController();
  const [readings, refusals, log]: [Reading[], string[], ReturnType<typeof logRecorder>] = [[], [], logRecorder()];
  const host = { hasRoom: true };
  const running = listenSocket(
    {
      id: "in",
      config: { ...defaults, listen: parseEndpoint(listenOn), ...config } as never,
      clock: systemClock,
      signal: stop.signal,
      log,
      checkpoints: new Map([["old", { position: 7, detail: null }]]),
      descriptors: 1_000,
      refused: (reason, count = 1) => void refusals.push(...Array.from({ length: count }, () => reason)),
    },
    (reading) => {
      if (!host.hasRoom || stop.signal.aborted) return "full";
      readings.push({ ...reading, bytes: Buffer.from(reading.bytes) });
      reading.settled?.("committed");
      return "accepted";
    },
  );
  const said = () =>
    log.lines.map(({ message }) => /listening on \w+:\/\/[^ ]*:(\d+)/.exec(message)?.[1]).find(Boolean);
  while (said() === undefined) await sleep(2);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  const text = () => Buffer.concat(readings.map(({ bytes }) => bytes as Buffer)).toString();
  return { port: Number(said()), readings, refusals, log, host, text, stop, running };
};

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await sleep(2);
};

const client = async (port: number): Promise<Socket> => {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
};

it("reads each connection as a stream without gaps, and forgets those that are gone", async () => {
  const { port, readings } = await listen("127.0.0.1:0");
  expect(readings[0]).toMatchObject({ stream: "old", position: 7, forget: true });
  const sockets = [await client(port), await client(port)];
  for (const socket of sockets) for (const part of ["<1>a\n<1", ">b\n"]) socket.write(part);
  for (const socket of sockets) socket.end();
  await until(() => readings.filter(({ end }) => end).length === 2);
  for (const all of Map.groupBy(readings.slice(1), ({ stream }) => stream).values()) {
    let position = 0;
    for (const reading of all) {
      expect(reading).toMatchObject({ position, peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
      position += reading.bytes.length;
    }
    expect(Buffer.concat(all.map(({ bytes }) => bytes)).toString()).toBe("<1>a\n<1>b\n");
    expect(all.at(-1)).toMatchObject({ end: true, forget: true });
  }
});

it("lets a sender wait while there is no room, and loses nothing", async () => {
  const { port, host, text } = await listen("127.0.0.1:0");
  host.hasRoom = false;
  const socket = await client(port);
  const sent = Array.from({ length: 200_000 }, (_, n) => `<1>message ${n} ${"x".repeat(80)}\n`).join("");
  socket.end(sent);
  await sleep(100);
  expect(text()).toBe("");
  expect(socket.writableFinished).toBe(false);
  host.hasRoom = true;
  await until(() => text().length >= sent.length);
  expect(text()).toBe(sent);
});

it("closes a connection beyond the limit, and counts it", async () => {
  const { port, refusals } = await listen("127.0.0.1:0", { max_connections: 2 });
  const sockets = [await client(port), await client(port)];
  const third = await client(port);
  await once(third, "close");
  expect(refusals).toEqual(["connection_limit"]);
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false]);
});

it("closes an idle connection if it is to", async () => {
  const { port } = await listen("127.0.0.1:0", { idle_timeout: 30 });
  await once(await client(port), "close");
});

it("keeps datagrams while there is no room, up to a limit, and counts those that it drops", async () => {
  const { port, host, refusals, readings } = await listen("udp://127.0.0.1:0", { max_buffered: 20_000 });
  host.hasRoom = false;
  const socket = createSocket("udp4");
  for (let n = 0; n < 100; n++) {
    await new Promise((done) => socket.send(`<1>datagram ${n} ${"x".repeat(500)}\n`, port, "127.0.0.1", done));
    await sleep(1);
  }
  await until(() => refusals.length > 0);
  host.hasRoom = true;
  await until(() => readings.length > 0);
  await sleep(50);
  socket.close();
  const kept = readings.flatMap(({ bytes }) => [
    ...Buffer.from(bytes)
      .toString()
      .matchAll(/datagram (\d+)/g),
  ]);
  expect(kept.map(([, n]) => Number(n))).toEqual(Array.from(kept, (_, n) => n));
  expect(kept.length).toBeLessThanOrEqual(30);
  expect(kept.length + refusals.length).toBeLessThanOrEqual(100);
  expect(new Set(refusals)).toEqual(new Set(["dropped_datagram"]));
  expect(readings.every(({ once: isOnce, framing }) => isOnce && framing === "octet_counting")).toBe(true);
});

it.each([
  ["127.0.0.1:514", { protocol: "tcp", host: "127.0.0.1", port: 514 }],
  ["udp://[::1]:514", { protocol: "udp", host: "::1", port: 514 }],
  ["unix:///run/a.sock", { protocol: "unix", path: "/run/a.sock" }],
  ["unix:/run/a.sock", { protocol: "unix", path: "/run/a.sock" }],
])("reads the address %s", (text, endpoint) => {
  expect(parseEndpoint(text)).toEqual(endpoint);
});

it("says what is wrong with an address", () => {
  expect(() => parseEndpoint("127.0.0.1")).toThrow("it must have a host and a port");
  expect(() => parseEndpoint("a:70000")).toThrow("port 70000 does not exist");
  expect(() => parseEndpoint("unix:relative")).toThrow('must begin with "/"');
  expect(() => parseEndpoint(`unix:/${"a".repeat(107)}`)).toThrow("at most 107 bytes");
  expect(() => parseEndpoint("tls://a:1")).toThrow();
  expect(parseTarget("tls://a:1")).toMatchObject({ protocol: "tcp", isSecure: true });
  expect(() => parseTarget("a:0")).toThrow("port 0");
});
