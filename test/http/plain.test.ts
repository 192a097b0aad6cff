import { connect } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { unbalancedComponents, until } from "../runtime/harness.ts";
import { serve } from "./pipeline.ts";

const event = JSON.stringify({ kind: "russet", grams: 140 });
const json = "Content-Type: application/json\r\n";
const body = (text: string | Buffer, headers = json, path = "/a"): Buffer =>
  Buffer.concat([
    Buffer.from(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: ${text.length}\r\n\r\n`),
    Buffer.from(text),
  ]);
const auth = "Authorization: Bearer apple\r\n";

/** Requests that are plain and whose answers come from all places. */
const requests = fc.constantFrom(
  ...[json, "", "Content-Type: application/x-ndjson\r\n", "X-Team: press\r\nContent-Type: text/plain\r\n"].flatMap(
    (type) =>
      [event, `[${event},${event}]`, "", " ", "{", "ripe", `{"items":[${event}],"kind":"AppleList"}`].map((text) =>
        body(text, auth + type),
      ),
  ),
  body(`[${Array.from({ length: 3_000 }, () => event).join(",")}]`, auth + json),
  body(`[${Array.from({ length: 1_500 }, () => 1).join(",")}]`, auth + json),
  body(`[${event}]`, json),
  body(`[${event}]`, auth + json, "/b"),
  body(`[${event}]`, `${auth}Content-Type: image/png\r\n`),
  body(gzipSync(event), `${auth}${json}Content-Encoding: gzip\r\n`),
  body(event, `${auth}${json}Content-Encoding: gzip\r\n`),
  body(event, `${auth}${json}Content-Encoding: rar\r\n`),
  body(`["${"x".repeat(200_000)}"]`, auth + json),
  body(event, `${auth}${json}Sec-Fetch-Site: cross-site\r\n`),
);

/** Requests that are not, which end a sequence. */
const others = fc.constantFrom(
  Buffer.from("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  Buffer.from(
    `POST /a HTTP/1.1\r\nHost: localhost\r\n${auth}${json}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  ),
  Buffer.from("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"),
  Buffer.from(`PO${"x".repeat(100)}`),
  body("{}", `${auth}Connection: close\r\n`),
);

/** One answer at the start of a text, and the rest; `undefined` while it is not complete. */
const answerIn = (text: string): readonly [string, string] | undefined => {
  const head = text.indexOf("\r\n\r\n");
  const length = /\r\ncontent-length: *([0-9]+)/i.exec(text.slice(0, head + 2))?.[1];
  const end = head + 4 + Number(length ?? 0);
  return head < 0 || text.length < end ? undefined : [text.slice(0, end), text.slice(end)];
};

/** Sends requests on one connection, each cut at places and after the answer to the one before; resolves with all answers. */
const converse = async (url: string, sent: readonly Buffer[], cuts: readonly number[]): Promise<readonly string[]> => {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let text = "";
  let isClosed = false;
  socket
    .on("error", () => undefined)
    .on("data", (data) => {
      text += data.toString("latin1");
    });
  socket.on("close", () => {
    isClosed = true;
  });
  const answers: string[] = [];
  for (const bytes of sent) {
    if (isClosed) break;
    let from = 0;
    for (const cut of [...cuts.map((one) => one % bytes.length).sort((a, b) => a - b), bytes.length]) {
      socket.write(bytes.subarray(from, cut));
      from = cut;
      await nextTurn();
    }
    await until(() => answerIn(text) !== undefined || isClosed);
    const [answer, rest] = answerIn(text) ?? [text, ""];
    answers.push(answer.replace(/^Date: .*$/m, "Date: now"));
    text = rest;
  }
  socket.end();
  await until(() => isClosed);
  return answers;
};

const health = Buffer.from("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
const options = { routes: [{ path: "/a" }], auth: { tokens: ["apple"] }, max_body: "150KiB" };

it("plain requests are answered as by Node's server, and their events are the same", async () => {
  const [plain, node] = [await serve(options), await serve(options)];
  await fc.assert(
    fc.asyncProperty(
      fc.array(requests, { minLength: 1, maxLength: 5 }),
      fc.option(others),
      fc.array(fc.nat(), { maxLength: 3 }),
      async (some, other, cuts) => {
        const all = other ? [...some, other] : some;
        const answers = await converse(plain.url, all, cuts);
        // A connection that begins with another request is read by Node's server.
        const [first, ...expected] = await converse(node.url, [health, ...all], cuts);
        expect(first).toMatch(/^HTTP\/1\.1 200 /);
        expect(answers).toEqual(expected);
      },
    ),
    { numRuns: process.env["WEIR_LONG"] ? 300 : 40 },
  );
  const counts = ({ runtime }: typeof plain) => {
    const { components } = runtime.stats();
    return [components["in"], components["out"]!.component_sent_events_total];
  };
  await until(() => JSON.stringify(counts(plain)) === JSON.stringify(counts(node)), undefined).catch(() => undefined);
  expect(counts(plain)).toEqual(counts(node));
  expect(plain.kept.map(({ id, data }) => [id, data])).toEqual(node.kept.map(({ id, data }) => [id, data]));
  for (const { runtime } of [plain, node]) expect(unbalancedComponents(runtime.stats())).toEqual({});
});

it("requests that come before the answer to the first are answered in their order, also to a client that has closed its side", async () => {
  const serving = await serve();
  const { hostname, port } = new URL(serving.url);
  const chunked = `POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${event.length.toString(16)}\r\n${event}\r\n0\r\n\r\n`;
  const some = [
    ...[event, "x", `[${event}]`, "ripe", event].map(
      (text) => [body(text), text.includes(event) ? "200" : "400"] as const,
    ),
    [health, "200"] as const,
    [Buffer.from(chunked), "200"] as const,
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 6 }),
      fc.boolean(),
      fc.nat(),
      async (which, isSplit, cut) => {
        const bytes = Buffer.concat(which.map((index) => some[index]![0]));
        const answered = Promise.withResolvers<string>();
        const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true });
        let text = "";
        socket.on("data", (data) => {
          text += data.toString("latin1");
        });
        socket.on("error", answered.reject).on("end", () => answered.resolve(text));
        if (isSplit) {
          socket.write(bytes.subarray(0, cut % (bytes.length + 1)));
          await nextTurn();
          socket.write(bytes.subarray(cut % (bytes.length + 1)));
        } else socket.write(bytes);
        socket.end();
        const statuses = [...(await answered.promise).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
        expect(statuses).toEqual(which.map((index) => some[index]![1]));
      },
    ),
    { numRuns: process.env["WEIR_LONG"] ? 300 : 40 },
  );
});
