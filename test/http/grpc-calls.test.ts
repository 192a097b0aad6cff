import { once } from "node:events";
import http2, { type ClientHttp2Session } from "node:http2";
import { expect, it, onTestFinished } from "vitest";
import { framed } from "../../src/http/grpc/frame.ts";
import { listenGrpc } from "../../src/http/grpc/listen.ts";
import { RequestIntake } from "../../src/http/intake.ts";
import { Reception } from "../../src/http/reception.ts";
import type { Reading } from "../../src/plugin.ts";
import { until } from "../runtime/harness.ts";

const settings = { timeout: 60_000, idle_timeout: 60_000, max_connections: 100 };

/** A server that takes calls and answers none of them before `settle` is called. */
const serve = async () => {
  const taken: Reading[] = [];
  const intake = new RequestIntake({
    maxBody: 1_000,
    reception: new Reception(1_000_000),
    signal: new AbortController().signal,
    offer: (reading) => {
      if (reading.bytes.length > 0) taken.push(reading);
      return "accepted";
    },
    route: () => ({ framing: "newline", codec: "json" }),
  });
  const server = await listenGrpc({
    settings,
    grpc: { listen: "127.0.0.1:0", method: "/s/m", path: "/", type: "application/x-ndjson" },
    intake,
    guard: () => undefined,
    refused: () => undefined,
    failed: (error) => expect.unreachable(String(error)),
  });
  const settle = () => {
    for (const { settled } of taken.splice(0)) settled?.("committed");
  };
  onTestFinished(async () => {
    settle();
    await server.stop();
  });
  return { address: server.address, taken, settle };
};

const connect = (address: string): ClientHttp2Session => {
  const session = http2.connect(`http://${address}`);
  session.on("error", () => undefined);
  onTestFinished(() => session.destroy());
  return session;
};

/** Sends a call, all of it. Resolves with its status, when there is one. */
const call = (session: ClientHttp2Session): Promise<unknown> => {
  const stream = session.request({ ":method": "POST", ":path": "/s/m", "content-type": "application/grpc" });
  stream.end(framed(Buffer.from("{}\n")));
  return new Promise((resolve) => {
    const found = (headers: Readonly<Record<string, unknown>>) => {
      if (headers["grpc-status"] !== undefined) resolve(headers["grpc-status"]);
    };
    stream.on("response", found).on("trailers", found).on("error", resolve).resume();
  });
};

it("calls whose client is gone count until weir is done with them", async () => {
  const { address, taken, settle } = await serve();
  for (let count = 0; count < 2_000; count += 100) {
    const session = connect(address);
    for (let n = 0; n < 100; n++) void call(session);
    await until(() => taken.length === count + 100);
    session.destroy();
    await once(session, "close");
  }
  const session = connect(address);
  const last = Array.from({ length: 49 }, () => call(session));
  expect(await Promise.race(last)).toBe("14");
  expect(taken).toHaveLength(2_048);
  settle();
  expect((await Promise.all(last)).filter((status) => status === "0")).toHaveLength(48);
  const again = call(session);
  await until(() => taken.length === 1);
  settle();
  expect(await again).toBe("0");
});
