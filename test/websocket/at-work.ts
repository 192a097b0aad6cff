import { onTestFinished } from "vitest";
import { type OpenedSink, openSink } from "weir/testing";
import client from "../../plugins/sinks/websocket_client/index.ts";
import server from "../../plugins/sinks/websocket_server/index.ts";
import { type Component, topologyOf } from "../../src/topology/topology.ts";
import { keeping, startRun, temporaryDir } from "../runtime/harness.ts";
import { componentOf, pipelineOf, until, watchedLog } from "./support.ts";

/** A source in the real runtime, and what arrives at a sink behind it. */
export const running = async (source: Readonly<Record<string, unknown>>, dataDir = temporaryDir()) => {
  const { kept, plugin } = keeping();
  const { components } = pipelineOf({ sources: { in: source }, sinks: { out: { type: "blackhole", inputs: ["in"] } } });
  const plan = topologyOf(
    components.map((component) => (component.id === "out" ? ({ ...component, plugin } as Component) : component)),
  );
  const { runtime, log } = await startRun(plan, dataDir);
  onTestFinished(() => runtime.stop(1_000));
  await until(() => log.some((line) => line.includes("listening on") || source["type"] !== "websocket_server"));
  const address = log.flatMap((line) => /listening on (\S+)/.exec(line)?.[1] ?? [])[0] ?? "";
  return { kept, runtime, address };
};

/** Node's own client, connected. */
export const opened = async (address: string): Promise<WebSocket> => {
  const socket = new WebSocket(address);
  onTestFinished(() => socket.close());
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return socket;
};

/** The options of a sink, decoded. */
const configOf = (sink: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const topology = pipelineOf({ sources: { in: { type: "stdin" } }, sinks: { out: { inputs: ["in"], ...sink } } });
  return componentOf(topology, "out").config as Readonly<Record<string, unknown>>;
};

/** The sink `websocket_client`, opened. */
export const pushing = async (url: string, more: Readonly<Record<string, unknown>> = {}): Promise<OpenedSink> => {
  const opened = await openSink(client, { config: configOf({ type: "websocket_client", url, ...more }) });
  onTestFinished(opened.close);
  return opened;
};

/** The sink `websocket_server`, opened, and the address that it listens on. */
export const showing = async (more: Readonly<Record<string, unknown>> = {}) => {
  const log = watchedLog();
  const config = configOf({ type: "websocket_server", listen: "127.0.0.1:0", ...more });
  const { write, close } = await openSink(server, { config, log });
  onTestFinished(close);
  return { write, close, address: String(log.lines[0]!.fields!["address"]) };
};
