import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import type { Data, Plugin } from "weir";
import {
  delivery,
  flaws,
  logRecorder,
  memoryState,
  openSink,
  RecordMeta,
  runStep,
  systemClock,
  testSource,
} from "weir/testing";
import heartbeat from "../examples/plugins/heartbeat.ts";
import label from "../examples/plugins/label.ts";
import throttle from "../examples/plugins/rate_limit.ts";
import webhook from "../examples/plugins/webhook.ts";

testSource(heartbeat, [
  {
    name: "beats",
    arrange: async () => ({ config: { every: 0, count: 3 } }),
    lines: [0, 1, 2].map((sequence) => JSON.stringify({ event: { action: "heartbeat", sequence } })),
  },
]);

it.each([label, throttle, webhook])("$name is well formed", (plugin) => {
  expect(flaws(plugin as Plugin)).toEqual([]);
});

const context = () => ({
  id: "it",
  clock: systemClock,
  signal: new AbortController().signal,
  log: logRecorder(),
});
const eventsOf = (...events: readonly (readonly [at: number, data: Data])[]) =>
  events.map(([at, data], position) => ({ data, meta: new RecordMeta("test", "stream", position, at) }));

it("label adds to the labels that are there", () => {
  const step = label.each({ ...context(), config: { key: "cluster", value: "paris-1" } });
  const { events } = runStep(step, eventsOf([0, {}], [0, { labels: { team: "shop" } }]));
  expect(events.map(({ data }) => data)).toEqual([
    { labels: { cluster: "paris-1" } },
    { labels: { team: "shop", cluster: "paris-1" } },
  ]);
});

it("throttle lets one event of each value through in a while", () => {
  const step = throttle.keep({ ...context(), state: memoryState(), config: { by: "user.name", every: 60 } });
  const first = runStep(
    step,
    eventsOf([0, { user: { name: "ann" } }], [0, { user: { name: "bob" } }], [59, { "user.name": "ann" }]),
  );
  const later = runStep(step, eventsOf([60, { user: { name: "ann" } }], [61, { user: { name: "bob" } }]));
  expect([first, later].map(({ events }) => events.map(({ meta }) => meta.position))).toEqual([
    [0, 1],
    [0, 1],
  ]);
  expect(first.consumed).toEqual({ throttled: 1 });
});

it("webhook says of each event whether it may be tried again", async () => {
  const answers: Readonly<Record<string, number>> = { good: 204, busy: 503, slow: 429, wrong: 400 };
  const seen: unknown[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const text of request) body += text;
    const data = JSON.parse(body) as { answer: string };
    seen.push([request.headers["idempotency-key"], request.headers.authorization, data]);
    response.writeHead(answers[data.answer]!).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;
  const writer = await openSink(webhook, { config: { url, token: "t0", request_timeout: 5_000 } });
  const outcome = await writer.write(["good", "busy", "slow", "wrong"].map((answer) => delivery({ answer }, answer)));
  server.closeAllConnections();
  server.close();
  expect(seen[0]).toEqual(["good", "Bearer t0", { answer: "good" }]);
  expect(outcome?.failed).toEqual([
    { index: 1, message: `${url} answered 503`, final: false },
    { index: 2, message: `${url} answered 429`, final: false },
    { index: 3, message: `${url} answered 400`, final: true },
  ]);
  const [unreached] = (await writer.write([delivery({ answer: "good" })]))?.failed ?? [];
  expect(unreached).toMatchObject({ index: 0, final: false });
});
