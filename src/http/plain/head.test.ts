import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { longestHead, PlainHeads, plainHead } from "./head.ts";

/** Lines of heads: usual ones, odd ones, and such as servers have read in different ways. */
const lines = fc.oneof(
  fc.constantFrom(
    "Host: orchard",
    "host:orchard",
    "Content-Length: 4",
    "Content-length:\t4 ",
    "Content-Length: 004",
    "Content-Length: 4, 4",
    "Content-Length: +4",
    "Content-Length : 4",
    "Content-Length: 4\nX: y",
    "Content-Type: application/json",
    "Connection: keep-alive",
    "Connection: close",
    "Connection: Content-Length",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding : chunked",
    "Expect: 100-continue",
    "Upgrade: websocket",
    "X: a\r\n b",
    "X",
    ": y",
    "X: \0",
    "X: ä",
    "X: \r",
    "__proto__: x",
    "constructor: x",
  ),
  fc.stringMatching(/^[\w!#-]{1,8}: ?[ -~]{0,12}$/),
);
const requestLines = fc.constantFrom(
  "POST / HTTP/1.1",
  "PUT /a/b?c=%20 HTTP/1.1",
  "POST /ä HTTP/1.1",
  "POST  / HTTP/1.1",
  "POST / HTTP/1.0",
  "POST http://orchard/ HTTP/1.1",
  "post / HTTP/1.1",
  "POSTS / HTTP/1.1",
  "GET / HTTP/1.1",
  "POST /",
);
const usual = fc.constant(["Host: orchard", "Content-Length: 4"]);
const heads = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: fc.constant("POST /a HTTP/1.1") }, requestLines),
    usual,
    fc.array(lines, { maxLength: 3 }),
    fc.nat(),
  )
  .map(([first, [host, length], more, seed]) => {
    // The two that a plain head needs are nearly always there, at any place.
    const all = [...more];
    if (seed % 8 > 0) all.splice(seed % (all.length + 1), 0, host!);
    if (seed % 9 > 0) all.splice(seed % (all.length + 1), 0, length!);
    return Buffer.from(`${[first, ...all].join("\r\n")}\r\n\r\n`, "latin1");
  });

it("Node reads every head that is taken for a plain one in the same way", async () => {
  let take: (request: IncomingMessage) => void = () => undefined;
  const server = createServer((request, response) => {
    take(request);
    request.resume().once("end", () => response.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(heads, async (bytes) => {
      const head = plainHead(bytes);
      if (typeof head === "string") return;
      plain++;
      const { method, url, headers, bodyAt, bodyLength, lengthAt } = head;
      const read = Promise.withResolvers<{ request: IncomingMessage; body: string }>();
      take = (request) => {
        let body = "";
        request.on("data", (data) => {
          body += String(data);
        });
        request.once("end", () => read.resolve({ request, body }));
      };
      const socket = connect(port, "127.0.0.1").on("error", read.reject);
      socket.once("close", () => read.reject(new Error(`Node took no request: ${bytes}`)));
      socket.end(Buffer.concat([bytes, Buffer.from("abcd".slice(0, bodyLength))]));
      const { request, body } = await read.promise;
      expect([request.method, request.url, { ...request.headers }]).toEqual([method, url, { ...headers }]);
      expect([bodyAt, body.length]).toEqual([bytes.length, bodyLength]);
      expect(Number.parseInt(bytes.toString("latin1", lengthAt), 10)).toBe(bodyLength);
    }),
    { numRuns: 500 },
  );
  expect(plain).toBeGreaterThan(50);
});

it("a head that is compared with the one before is read as by itself", () => {
  const length = fc.oneof(
    fc.nat(10 ** 6).map(String),
    fc.constantFrom("", "01", "1 ", "-1", "1".repeat(15), "1".repeat(16)),
  );
  const behind = fc.constantFrom("", "X: 1\r\n", "X: 2\r\n", "Content-Length: 1\r\n");
  const before = fc.constantFrom("", "Y: 1\r\n", "Expect: 100-continue\r\n");
  const head = fc.tuple(before, length, behind, fc.nat(60)).map(([one, digits, other, cut]) => {
    const text = `POST /a HTTP/1.1\r\nHost: orchard\r\n${one}Content-Length: ${digits}\r\n${other}\r\nbody`;
    return Buffer.from(cut < 20 ? text.slice(0, -cut) : text);
  });
  fc.assert(
    fc.property(fc.array(head, { minLength: 2, maxLength: 12 }), (blocks) => {
      const heads = new PlainHeads();
      for (const block of blocks) {
        const alone = plainHead(block);
        expect(heads.next(block)).toEqual(
          typeof alone === "string"
            ? alone
            : {
                ...alone,
                headers: {
                  ...alone.headers,
                  "content-length": expect.stringMatching(new RegExp(`^0*${alone.bodyLength}$`)),
                },
              },
        );
      }
    }),
    { numRuns: 2_000 },
  );
});

it("only a head that may still become a plain one is waited for", () => {
  const text = "POST /a HTTP/1.1\r\nHost: orchard\r\nContent-Length: 4\r\n\r\n";
  for (let end = 1; end < text.length; end++) expect(plainHead(Buffer.from(text.slice(0, end)))).toBe("incomplete");
  for (const other of ["G", "PO ", "PRI *", "\r\nPOST", "\u0016\u0003\u0001"])
    expect(plainHead(Buffer.from(other))).toBe("other");
  expect(plainHead(Buffer.from(`POST /${"a".repeat(longestHead)}`))).toBe("other");
});
