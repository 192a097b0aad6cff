import { once } from "node:events";
import { connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startServer } from "./server.ts";

it("a client that has closed its side gets the answer, however late it comes", async () => {
  const settings = { listen: "127.0.0.1:0", timeout: 5_000, idle_timeout: 5_000, max_connections: 10 };
  const closed = Promise.withResolvers<void>();
  const server = await startServer(settings, (request, response) => {
    request.resume();
    request.socket.once("end", () => setImmediate(() => setImmediate(closed.resolve)));
    void closed.promise.then(() => response.end("late"));
  });
  onTestFinished(() => server.close());
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(server.url).port), allowHalfOpen: true });
  socket.end("POST / HTTP/1.1\r\nHost: weir\r\nContent-Length: 2\r\n\r\n[]");
  let answer = "";
  socket.on("data", (data) => {
    answer += String(data);
  });
  await once(socket, "end");
  expect(answer).toMatch(/^HTTP\/1\.1 200 .*late$/s);
});
