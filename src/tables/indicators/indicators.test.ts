import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import type { Indicator } from "../../detection/threat-match/indicator.ts";
import { logRecorder } from "../../testing/index.ts";
import { virtualClock } from "../../virtual-clock.ts";
import { openIndicators } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "weir-indicators-"));
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
  return path;
};

const defaults = { delimiter: ",", max_size: 2 ** 20, headers: {}, auth: {}, tls: {}, timeout: 5_000 };

const open = (entry: object) => {
  const clock = virtualClock();
  const log = logRecorder();
  const stop = new AbortController();
  const { sources, prepare } = openIndicators([{ ...defaults, ...entry }], { clock, log, signal: stop.signal });
  const notes: Record<string, number> = {};
  const get = sources[0]!.derive(function* (indicators): Generator<void, readonly Indicator[]> {
    yield;
    return [...indicators];
  });
  const current = () =>
    get((name, count = 1) => {
      notes[name] = (notes[name] ?? 0) + count;
    });
  const data = () => current().map(({ data: { "@timestamp": _, ...rest } }) => rest);
  return { clock, log, notes, current, data, prepare, stop };
};

/** Lets the reading in the background end. */
const settled = async (done: () => boolean) => {
  for (let waited = 0; waited < 500 && !done(); waited++) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe("a list of indicators", () => {
  it.each([
    ["a.csv", 'threat.indicator.ip,note\n192.0.2.7,"a, b"\n192.0.2.8,\n'],
    ["a.ndjson", '{"threat.indicator.ip":"192.0.2.7","note":"a, b"}\n\n{"threat.indicator.ip":"192.0.2.8"}\n'],
    ["a.json", '[{"threat.indicator.ip":"192.0.2.7","note":"a, b"},{"threat.indicator.ip":"192.0.2.8"}]'],
  ])("can be %s", (name, content) => {
    expect(open({ file: fileOf(name, content) }).data()).toEqual([
      { "threat.indicator.ip": "192.0.2.7", note: "a, b" },
      { "threat.indicator.ip": "192.0.2.8" },
    ]);
  });

  it("can be one value a line, whose fields the pipeline says", () => {
    const file = fileOf("a.txt", "# a feed\n192.0.2.7\n\n 192.0.2.8\r\n");
    const entry = { file, fields: { value: "threat.indicator.ip" }, add: { event: { module: "ti_x" } } };
    expect(open(entry).data()).toEqual([
      { "threat.indicator.ip": "192.0.2.7", event: { module: "ti_x" } },
      { "threat.indicator.ip": "192.0.2.8", event: { module: "ti_x" } },
    ]);
  });

  it("can be what Elasticsearch exports, and is as old as its file if it does not say so", () => {
    const file = fileOf(
      "b.ndjson",
      '{"_index":"i","_id":"1","_source":{"@timestamp":"2020-01-01T00:00:00Z","a":1}}\n{"b":1}\n',
    );
    const [first, second] = open({ file, index: "named" }).current();
    expect(first).toMatchObject({ id: "1", index: "i", data: { "@timestamp": "2020-01-01T00:00:00Z", a: 1 } });
    expect(second).toMatchObject({ id: undefined, index: "named", data: { b: 1 } });
    expect(Date.parse(String(second!.data["@timestamp"]))).toBeGreaterThan(Date.UTC(2026, 0, 1) - 1e12);
  });

  it.each([
    ["none.csv", undefined, /^the list of indicators ".*none.csv" cannot be read: it does not exist$/],
    ["c.ndjson", '{}\n{"a":\n', /^the list of indicators ".*c.ndjson" cannot be used: line 2 is not JSON: /],
    ["d.ndjson", "{}\n\n[1]\n", /line 3 is an? (list|array), and not an object$/],
    ["e.csv", "a,b\n1\n", /line 2: the number of values is 1, but line 1 names 2 columns$/],
    ["f.json", "{}", /the file is an object; it must be an array of objects$/],
    ["g.ndjson", Buffer.from([0x7b, 0xff, 0x7d]), /line 1 is not UTF-8/],
    ["h.csv", `a\n${"x".repeat(2 ** 20)}\n`, /it has 1048579 bytes, and "max_size" allows 1048576$/],
    ["i.list", "x", /does not say the format; set "format" to one of csv, ndjson, json, text$/],
  ])("that cannot be used is refused with a sentence and its line: %s", (name, content, message) => {
    const file = content === undefined ? join(folder, name) : fileOf(name, content);
    expect(() => open({ file })).toThrow(message);
  });

  it("has a bound, which the message says", () => {
    const file = fileOf("many.txt", "x\n".repeat(1_000_001));
    expect(() => open({ file, max_size: 2 ** 30 })).toThrow("it has more than 1000000 indicators");
  });

  it("is read again when its file has changed; one that cannot be used leaves the last one in use", async () => {
    const file = fileOf("changing.txt", "a\n");
    const { clock, log, notes, data } = open({ file });
    const next = async (content: string, message: string) => {
      fileOf("changing.txt", content);
      const before = log.lines.length;
      await clock.advance(10_000);
      data();
      await settled(() => log.lines.length > before);
      expect(log.lines.slice(before).map((line) => line.message)).toEqual([expect.stringContaining(message)]);
    };
    expect(data()).toEqual([{ value: "a" }]);
    await next("b\nc\n", "because it has changed: 2 indicators");
    expect(data()).toEqual([{ value: "b" }, { value: "c" }]);
    await next(`${"x".repeat(2 ** 20)}\n`, "the list of indicators that was read before stays in use");
    expect(data()).toEqual([{ value: "b" }, { value: "c" }]);
    expect(notes).toEqual({ table_reloaded: 1, table_reload_failed: 1 });
  });
});

describe("a list of indicators at a URL", () => {
  const served = async (answer: (request: IncomingMessage, response: ServerResponse) => void) => {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/feed.txt?key=secret`, close: () => server.close() };
  };

  it("is waited for, fetched again at an interval if it has changed, and keeps the last good one", async () => {
    let page: { status: number; body: string; etag: string } = { status: 503, body: "", etag: "" };
    const asked: (string | undefined)[] = [];
    const { url, close } = await served((request, response) => {
      asked.push(request.headers["if-none-match"]);
      const isKnown = page.status === 200 && request.headers["if-none-match"] === page.etag;
      response.writeHead(isKnown ? 304 : page.status, { etag: page.etag });
      response.end(isKnown ? "" : page.body);
    });
    const { clock, log, notes, data, prepare, stop } = open({ url });
    expect(data).toThrow("has not been fetched yet");
    const prepared = prepare!();
    await settled(() => clock.sleepers > 0);
    expect(log.lines.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /\/feed.txt" cannot be used: the server answered 503; events wait for it, and weir tries again$/,
      ),
    ]);
    page = { status: 200, body: "a\n", etag: '"1"' };
    await clock.advance(60_000);
    await prepared;
    expect(data()).toEqual([{ value: "a" }]);
    const later = async (done: () => boolean) => {
      await clock.advance(15 * 60_000);
      data();
      await settled(done);
    };
    await later(() => asked.length === 3);
    page = { status: 200, body: "b\n", etag: '"2"' };
    await later(() => log.lines.length === 2);
    expect(data()).toEqual([{ value: "b" }]);
    page = { status: 200, body: "x".repeat(2 ** 20 + 1), etag: '"3"' };
    await later(() => log.lines.length === 3);
    expect(log.lines[2]!.message).toContain('which "max_size" allows; the last one stays in use');
    expect(log.lines.map(({ message }) => message).join()).not.toContain("secret");
    expect(data()).toEqual([{ value: "b" }]);
    expect(asked).toEqual([undefined, undefined, '"1"', '"1"', '"2"']);
    expect(notes).toEqual({ table_reloaded: 1, table_reload_failed: 1 });
    stop.abort();
    close();
  });

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    [
      "a redirect",
      (response) => response.writeHead(302, { location: "/login.txt?key=secret" }).end(),
      /answered 302 and points to "http:\/\/127.0.0.1:\d+\/login.txt". weir follows no redirects; if you trust that address, give it as "url"; events/,
    ],
    [
      "a redirect to nowhere",
      (response) => response.writeHead(301, { location: "http://[" }).end(),
      /the server answered 301; events/,
    ],
    [
      "what is not compressed as it says",
      (response) => response.writeHead(200, { "content-encoding": "gzip" }).end("hello"),
      /does not match its Content-Encoding: incorrect header check; events/,
    ],
    [
      "an unknown encoding",
      (response) => response.writeHead(200, { "content-encoding": "x" }).end("a"),
      /Content-Encoding "x" is not supported; use one of [^.;]*; events/,
    ],
    [
      "a bomb",
      (response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(2 ** 21))),
      /larger than the limit of 1048576 bytes, which "max_size" allows; events/,
    ],
    [
      "half a page",
      (response) => {
        response.writeHead(200, { "content-length": 100 });
        response.write("a\n", () => response.destroy());
      },
      /closed the connection before its response was complete/,
    ],
  ])("is not used when the server sends %s", async (_what, answer, message) => {
    const { url, close } = await served((_request, response) => void answer(response));
    const { clock, log, data, prepare, stop } = open({ url });
    const prepared = prepare!();
    await settled(() => clock.sleepers > 0);
    expect(log.lines.map((line) => line.message)).toEqual([expect.stringMatching(message)]);
    expect(log.lines[0]!.message).not.toContain("secret");
    expect(data).toThrow("has not been fetched yet");
    stop.abort();
    await prepared;
    close();
  });

  it("is not younger than now, whatever the server's clock says", async () => {
    const modified = "Sat, 12 Sep 275760 00:00:00 GMT";
    const { url, close } = await served(
      (_request, response) => void response.writeHead(200, { "last-modified": modified }).end("a\n"),
    );
    const { clock, current, prepare, stop } = open({ url });
    await prepare!();
    expect(current()[0]!.data["@timestamp"]).toBe(new Date(clock.now()).toISOString());
    stop.abort();
    close();
  });

  it("that is empty is reported", async () => {
    const { url, close } = await served((_request, response) => void response.end("# nothing\n"));
    const { log, data, prepare, stop } = open({ url });
    await prepare!();
    expect(data()).toEqual([]);
    expect(log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      expect.stringMatching(
        /^warn: the list of indicators "[^?]*\/feed.txt" is empty: as long as it is, nothing is found/,
      ),
    ]);
    stop.abort();
    close();
  });

  it("is no longer waited for when the component ends", async () => {
    const { url, close } = await served((_request, response) => void response.writeHead(404).end());
    const { clock, prepare, stop } = open({ url });
    const prepared = prepare!();
    await settled(() => clock.sleepers > 0);
    stop.abort();
    await prepared;
    close();
  });
});
