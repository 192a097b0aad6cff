import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { type Answering, pagesServer } from "../http/pages-server.ts";
import { runSource } from "../http/pipeline.ts";
import { hurriedClock, unbalancedComponents, until } from "../runtime/harness.ts";

const json = { "Content-Type": "application/json" };

/** Writes for as long as anybody reads. */
const endless = (response: ServerResponse, piece: string): void => {
  const more = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on("drain", more);
  more();
};

const bomb = gzipSync(Buffer.alloc(64 << 20, " "), { level: 9 });

/** What a server can send to whoever polls it, and does not want it to go on. */
const attacks: Readonly<Record<string, Answering>> = {
  "a body without an end": (_request, response) => endless(response.writeHead(200, json), " ".repeat(65_536)),
  "headers without an end": ({ socket }) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    const more = () => {
      while (!socket.destroyed && socket.write(`X-Filling: ${"x".repeat(8_000)}\r\n`));
    };
    socket.on("drain", more).on("error", () => undefined);
    more();
  },
  "a compressed bomb": (_request, response) =>
    response.writeHead(200, { ...json, "Content-Encoding": "gzip" }).end(bomb),
  "a status of its own": ({ socket }) => void socket.end("HTTP/1.1 999 Nope\r\nContent-Length: 2\r\n\r\n[]"),
  "what is not HTTP": ({ socket }) => void socket.end("SSH-2.0-OpenSSH_9.9\r\n"),
  "a redirect to itself": (request, response) => response.writeHead(302, { Location: request.url }).end(),
  "a redirect to a file": (_request, response) => response.writeHead(302, { Location: "file:///etc/passwd" }).end(),
  "a length that is wrong": ({ socket }) =>
    void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999999\r\n\r\n[]"),
  "a length and chunks": ({ socket }) =>
    void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n"),
  "informational answers without an end": ({ socket }) => {
    const more = () => {
      while (!socket.destroyed && socket.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(100)));
    };
    socket.on("drain", more).on("error", () => undefined);
    more();
  },
};

it.each(Object.entries(attacks))(
  "of a server that sends %s nothing is taken, and it is asked again",
  async (_what, attack) => {
    let count = 0;
    const { url } = await pagesServer((request, response, parsed) => {
      if (++count > 2) response.writeHead(200, json).end('[{"n":1}]');
      else attack(request, response, parsed);
    });
    const run = await runSource(
      { type: "http_client", url, max_body: "1MiB", timeout: "300ms" },
      { clock: hurriedClock },
    );
    await until(() => run.kept.length > 0);
    expect(run.kept[0]!.data).toEqual({ n: 1 });
    const { component_received_events_total: read, component_refusals_total: refusals } =
      run.runtime.stats().components["in"]!;
    expect(read).toBe(run.kept.length);
    expect(Object.values(refusals).reduce((total, times) => total + times, 0)).toBeGreaterThan(0);
    expect(unbalancedComponents(run.runtime.stats())).toEqual({});
  },
);
