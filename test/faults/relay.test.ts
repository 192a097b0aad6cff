import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { expect, it, onTestFinished } from "vitest";
import { freePort } from "../end-to-end/free-port.ts";
import { startWeir, temporaryFolder, type Weir } from "../end-to-end/weir.ts";

const listen = async (server: Server, port = 0): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

it("examples/http-relay.yaml brings every event over an outage, and over a kill in the middle of it", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const [port, receiverPort] = [await freePort(), await freePort()];
  const environment = {
    LISTEN: `127.0.0.1:${port}`,
    RECEIVER: `http://127.0.0.1:${receiverPort}`,
    COMPRESSION: "gzip",
  };
  const start = async (): Promise<Weir> => {
    const weir = startWeir(["run", "examples/http-relay.yaml", "--data-dir", dataDir], { environment });
    await weir.said("listening on");
    return weir;
  };
  const arrived = new Set<number>();
  const receive = async (): Promise<Server> => {
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      for (const [, n] of gunzipSync(Buffer.concat(parts))
        .toString()
        .matchAll(/"n":(\d+)/g))
        arrived.add(Number(n));
      response.end();
    });
    await listen(server, receiverPort);
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return server;
  };
  let sent = 0;
  const send = async (events: number) => {
    const body = JSON.stringify(Array.from({ length: events }, () => ({ n: sent++ })));
    const headers = { "content-type": "application/json" };
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body });
    expect(response.status).toBe(200);
  };
  const allArrived = async () => {
    while (arrived.size < sent) await sleep(10);
  };

  const first = await start();
  const before = await receive();
  await send(100);
  await allArrived();
  before.close();
  before.closeAllConnections();
  for (let count = 0; count < 5; count++) await send(100);
  expect(arrived.size).toBe(100);
  await first.stop("SIGKILL");
  const second = await start();
  await send(50);
  await receive();
  await allArrived();
  expect([...arrived].sort((a, b) => a - b)).toEqual([...Array(650).keys()]);
  expect(await second.stop("SIGTERM")).toMatchObject({ code: 0 });
});
