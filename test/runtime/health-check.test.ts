import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { runSource } from "../http/pipeline.ts";
import { until } from "./harness.ts";

/** A port that nobody listens on. */
const deadPort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/** The log of a run whose sink tried to deliver, and failed. */
const logOf = async (sink: Readonly<Record<string, unknown>>): Promise<readonly string[]> => {
  const { log } = await runSource({ type: "demo", count: 1 }, { sink: { ...sink, batch: { timeout: "0ms" } } });
  await until(() => log.some((line) => line.includes("retrying in")));
  return log.filter((line) => line.includes("the health check failed"));
};

describe.each([
  ["http", {}],
  ["webhook", { secret: "of the orchard" }],
  ["slack", {}],
])("a sink %s whose receiver is not there", (type, options) => {
  it("logs a failure at start, with the address but without its secrets", async () => {
    const port = await deadPort();
    const [line, ...more] = await logOf({ type, url: `http://127.0.0.1:${port}/hidden?key=hidden`, ...options });
    expect(line).toBe(
      `out warn the health check failed; delivery starts anyway: nothing is listening at http://127.0.0.1:${port} (ECONNREFUSED)`,
    );
    expect(more).toEqual([]);
  });

  it("does nothing with health_check: false", async () => {
    const url = `http://127.0.0.1:${await deadPort()}/`;
    expect(await logOf({ type, url, ...options, health_check: false })).toEqual([]);
  });
});

it("does not log a receiver that answers, whatever it answers later", async () => {
  const server = createServer((_request, response) => void response.writeHead(500).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await logOf({ type: "http", url })).toEqual([]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
