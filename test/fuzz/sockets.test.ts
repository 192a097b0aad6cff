import { connect } from "node:net";
import fc from "fast-check";
import { expect, it } from "vitest";
import { frame, handshake, text } from "../hostile/attacks/frames.ts";
import { post } from "../http/client.ts";
import { serve } from "../http/pipeline.ts";
import { unbalancedComponents, until } from "../runtime/harness.ts";
import { running } from "../websocket/at-work.ts";
import { connected } from "../websocket/support.ts";
import { budget, mutated } from "./mutation.ts";

const body = '[{"n":1},{"n":2}]';
const head = (...headers: readonly string[]) =>
  `POST /a HTTP/1.1\r\nHost: orchard\r\nContent-Type: application/json\r\n${headers.map((one) => `${one}\r\n`).join("")}\r\n`;

const requests = [
  `${head(`Content-Length: ${body.length}`)}${body}`,
  `${head("Transfer-Encoding: chunked", "Trailer: X")}8\r\n${body.slice(0, 8)}\r\n9;a=b\r\n${body.slice(8)}\r\n0\r\nX: 1\r\n\r\n`,
  `${head(`Content-Length: ${body.length}`, "Expect: 100-continue")}${body}`,
  `${head("Content-Length: 0")}${head(`Content-Length: ${body.length}`, "Content-Encoding: gzip")}${body}`,
  "GET /healthz?a=b HTTP/1.1\r\nHost: orchard\r\n\r\n",
];

const message = '{"id":7,"events":[{"n":1},{"n":2}]}';
const frames = [
  frame(text, message),
  Buffer.concat([frame(text, message.slice(0, 9), { fin: false }), frame(9, "ping"), frame(0, message.slice(9))]),
  Buffer.concat([frame(2, `[${'{"n":1},'.repeat(30)}{"n":2}]`), frame(8, Buffer.from([0x03, 0xe8]))]),
  Buffer.concat(new Array(3).fill(frame(text, '{"n":1}'))),
];

/** Sends parts of bytes one after the other, and closes the connection; resolves when it is over. */
const sendIn = (port: number, parts: readonly Uint8Array[]): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", async () => {
      for (const part of parts) {
        socket.write(part);
        await new Promise((done) => setImmediate(done));
      }
      setTimeout(() => socket.destroy(), 5);
    });
    socket.on("error", () => undefined).on("close", () => resolve());
    socket.resume();
  });

const cutInto = (bytes: Buffer, cut: number): Buffer[] => {
  const at = cut % (bytes.length + 1);
  return [bytes.subarray(0, at), bytes.subarray(at)];
};

it("no bytes that are nearly HTTP harm a server: all of its events are whole, and others are served", async () => {
  const serving = await serve({ timeout: "200ms" });
  await fc.assert(
    fc.asyncProperty(mutated(requests), fc.nat(), async (bytes, cut) => {
      await sendIn(Number(new URL(serving.url).port), cutInto(bytes, cut));
    }),
    budget(60),
  );
  expect((await post(serving.url, '[{"honest":true}]')).status).toBe(200);
  await until(() => serving.kept.some(({ data }) => data["honest"] === true));
  expect(unbalancedComponents(serving.runtime.stats())).toEqual({});
}, 120_000);

it("nor do frames that are nearly those of a WebSocket", async () => {
  const { kept, runtime, address } = await running({
    type: "websocket_server",
    listen: "127.0.0.1:0",
    acknowledge: true,
    compression: true,
  });
  const port = Number(new URL(address).port);
  await fc.assert(
    fc.asyncProperty(mutated(frames), fc.nat(), async (bytes, cut) => {
      await sendIn(port, [Buffer.from(handshake()), ...cutInto(bytes, cut)]);
    }),
    budget(60),
  );
  const honest = await connected(address);
  honest.send('{"id":1,"events":[{"honest":true}]}');
  await until(() => kept.some(({ data }) => data["honest"] === true));
  expect(unbalancedComponents(runtime.stats())).toEqual({});
}, 120_000);

it("nor do handshakes that are nearly right", async () => {
  const { runtime, address } = await running({ type: "websocket_server", listen: "127.0.0.1:0" });
  const port = Number(new URL(address).port);
  await fc.assert(
    fc.asyncProperty(
      mutated([handshake(), handshake("/a?b"), handshake("/", ["Origin: null"])]),
      fc.nat(),
      (bytes, cut) => sendIn(port, cutInto(bytes, cut)),
    ),
    budget(60),
  );
  await connected(address);
  expect(unbalancedComponents(runtime.stats())).toEqual({});
}, 120_000);
