import { once } from "node:events";
import http2, { type ClientHttp2Session, type ClientSessionOptions, type OutgoingHttpHeaders } from "node:http2";
import { expect, it, onTestFinished } from "vitest";
import { connectionsOfOne } from "../../src/http/descriptors.ts";
import { framed } from "../../src/http/grpc/frame.ts";
import { listenGrpc } from "../../src/http/grpc/listen.ts";
import { RequestIntake } from "../../src/http/intake.ts";
import { Reception } from "../../src/http/reception.ts";
import { startServer } from "../../src/http/server.ts";
import type { Reading } from "../../src/plugin.ts";
import { until } from "../runtime/harness.ts";

const settings = { timeout: 60_000, idle_timeout: 60_000, max_connections: 100 };
const maxBody = 1_000;

/** A server that takes calls and answers none of them before `settle` is called. */
const serve = async (own: Partial<typeof settings> = {}, listen = "127.0.0.1:0") => {
  const taken: Reading[] = [];
  const intake = new RequestIntake({
    maxBody,
    reception: new Reception(1_000_000),
    signal: new AbortController().signal,
    offer: (reading) => {
      if (reading.bytes.length > 0) taken.push(reading);
      return "accepted";
    },
    route: () => ({ framing: "newline", codec: "json" }),
  });
  const server = await listenGrpc({
    settings: { ...settings, ...own },
    grpc: { listen, method: "/s/m", path: "/", type: "application/x-ndjson" },
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

const connect = (address: string, options: ClientSessionOptions = {}): ClientHttp2Session => {
  const session = http2.connect(`http://${address}`, options);
  session.on("error", () => undefined);
  onTestFinished(() => session.destroy());
  return session;
};

/** Sends a call, all of it. Resolves with its status, when there is one, or says how it ended without. */
const call = (
  session: ClientHttp2Session,
  { message = "{}\n", headers = {} }: { readonly message?: string; readonly headers?: OutgoingHttpHeaders } = {},
): Promise<unknown> => {
  const all = { ":method": "POST", ":path": "/s/m", "content-type": "application/grpc", ...headers };
  const stream = session.request(all);
  stream.end(framed(Buffer.from(message)));
  return new Promise((resolve) => {
    const found = (headers: Readonly<Record<string, unknown>>) => {
      if (headers["grpc-status"] !== undefined) resolve(headers["grpc-status"]);
    };
    stream.on("response", found).on("trailers", found).on("error", resolve).resume();
    stream.on("close", () => resolve(`closed ${stream.rstCode}`));
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

it("a message may have exactly as many bytes as the limit says", async () => {
  const { address, taken, settle } = await serve();
  const session = connect(address);
  const largest = call(session, { message: "x".repeat(maxBody) });
  await until(() => taken.length === 1);
  settle();
  expect(await largest).toBe("0");
  expect(await call(session, { message: "x".repeat(maxBody + 1) })).toBe("8");
});

it("a call ends at its deadline, and the connection goes on", async () => {
  const { address, taken, settle } = await serve();
  const session = connect(address);
  expect(await call(session, { headers: { "grpc-timeout": "20m" } })).toBe("4");
  const later = call(session, { headers: { "grpc-timeout": "1H" } });
  await until(() => taken.length === 2);
  settle();
  expect(await later).toBe("0");
  for (const wrong of ["1", "s", "-1S", "123456789S", "1 S"])
    expect(await call(session, { headers: { "grpc-timeout": wrong } })).toBe("3");
});

it("a client that does not read an answer loses the call, and not its connection", async () => {
  const { address, taken, settle } = await serve({ idle_timeout: 50 });
  const session = connect(address, { settings: { initialWindowSize: 0 } });
  const unread = call(session);
  await until(() => taken.length === 1);
  // It is not idle.
  const pings = setInterval(() => !session.destroyed && session.ping(() => undefined), 10);
  onTestFinished(() => clearInterval(pings));
  settle();
  expect(await unread).toBe(`closed ${http2.constants.NGHTTP2_CANCEL}`);
  session.settings({ initialWindowSize: 65_535 });
  const read = call(session);
  await until(() => taken.length === 1);
  settle();
  expect(await read).toBe("0");
});

it("a server that cannot listen takes no share of the descriptors", async () => {
  const { address } = await serve();
  const before = connectionsOfOne();
  for (const start of [() => serve({}, address), () => startServer({ ...settings, listen: address }, () => undefined)])
    await expect(start()).rejects.toThrow("another process is listening there");
  expect(connectionsOfOne()).toBe(before);
});
