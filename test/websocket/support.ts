import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Checkpoint, Log, Offer, Reading } from "weir";
import { type LogLine, logRecorder, systemClock } from "weir/testing";
import { type ServerOptions, WebSocket, WebSocketServer } from "ws";
import { plugins } from "../../src/cli/plugins.ts";
import { loadPipeline } from "../../src/config/load.ts";
import type { Component, Topology } from "../../src/topology/topology.ts";

/** A pipeline as a user would write it, checked and decoded. */
export const pipelineOf = (pipeline: unknown): Topology => {
  const loaded = loadPipeline(JSON.stringify(pipeline), {
    file: "test.yaml",
    plugins,
    rules: { get: () => undefined, names: () => [] },
    env: () => undefined,
    readFile: () => "",
  });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  return loaded.value.topology;
};

/** A component of it. */
export const componentOf = (topology: Topology, id: string): Component =>
  topology.components.find((component) => component.id === id)!;

interface ListenOptions {
  readonly checkpoints?: ReadonlyMap<string, Checkpoint>;
  readonly offer?: (reading: Reading) => Offer;
}

/** A source at work without a host: what it offers is taken, unless `offer` says otherwise. */
export const listening = async (
  source: Readonly<Record<string, unknown>>,
  { checkpoints = new Map(), offer }: ListenOptions = {},
) => {
  const topology = pipelineOf({ sources: { in: source }, sinks: { out: { type: "blackhole", inputs: ["in"] } } });
  const { plugin, config } = componentOf(topology, "in");
  if (plugin.kind !== "source" || !plugin.listen) throw new Error("a source that listens is wanted");
  const stop = new AbortController();
  const readings: Reading[] = [];
  const refusals: string[] = [];
  const log = watchedLog();
  const take = (reading: Reading): Offer => {
    // The stream may be a getter.
    const kept = { ...reading, stream: reading.stream, bytes: reading.bytes.slice() };
    const answer = offer?.(kept) ?? "accepted";
    if (answer === "accepted") readings.push(kept);
    if (answer === "accepted" && !offer) queueMicrotask(() => reading.settled?.("committed"));
    return answer;
  };
  const refused = (reason: string) => void refusals.push(reason);
  const ended = plugin.listen(
    {
      id: "in",
      config: config as never,
      checkpoints,
      descriptors: 1024,
      clock: systemClock,
      signal: stop.signal,
      log,
      refused,
    },
    take,
  );
  const end = async () => {
    stop.abort();
    await ended;
  };
  onTestFinished(() => end().catch(() => undefined));
  const address = async () => {
    await Promise.race([ended, log.said("listening on")]);
    return addressIn(log.lines);
  };
  return { readings, refusals, log, ended, end, address };
};

/** A log that can be waited for. */
export const watchedLog = (): Log & { readonly lines: readonly LogLine[]; said(text: string): Promise<void> } => {
  const said = new EventEmitter().setMaxListeners(0);
  const recorder = logRecorder();
  const at =
    (level: keyof Log): Log[keyof Log] =>
    (message, fields) => {
      recorder[level](message, fields);
      said.emit("line");
    };
  return {
    lines: recorder.lines,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    async said(text) {
      while (!recorder.lines.some(({ message }) => message.includes(text))) await once(said, "line");
    },
  };
};

const addressIn = (lines: readonly LogLine[]): string =>
  lines.flatMap(({ message }) => /listening on (\S+)/.exec(message)?.[1] ?? [])[0] ?? "";

/** Resolves when it is so; the test's own time limit ends the waiting. */
export const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await systemClock.sleep(2);
};

/** A client of the package ws, connected. */
export const connected = async (address: string, options = {}): Promise<WebSocket> => {
  const socket = new WebSocket(address, options);
  onTestFinished(() => socket.terminate());
  socket.on("error", () => undefined);
  await once(socket, "open");
  return socket;
};

/** The status and the body that a handshake is refused with. */
export const refusalOf = (address: string, options = {}): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(address, options);
    socket.on("error", reject);
    socket.on("open", () => reject(new Error("it was let in")));
    socket.on("unexpected-response", async (_request, response) => {
      let body = "";
      for await (const part of response) body += part;
      resolve({ status: response.statusCode ?? 0, body });
    });
  });

/** A WebSocket server of the package ws, to stand on the other side of weir's clients. */
export const otherSide = async (
  connection: (socket: WebSocket, messages: string[]) => void,
  port = 0,
  options: ServerOptions = {},
) => {
  const http = createServer();
  const server = new WebSocketServer({ server: http, ...options });
  const connections: { readonly socket: WebSocket; readonly messages: string[] }[] = [];
  server.on("connection", (socket) => {
    const messages: string[] = [];
    connections.push({ socket, messages });
    socket.on("message", (message) => void messages.push(String(message)));
    socket.on("error", () => undefined);
    connection(socket, messages);
  });
  http.listen(port, "127.0.0.1");
  await once(http, "listening");
  const close = async () => {
    for (const { socket } of connections) socket.terminate();
    server.close();
    http.close();
    http.closeAllConnections();
  };
  onTestFinished(close);
  const address = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  return { address, port: (http.address() as AddressInfo).port, connections, close };
};
