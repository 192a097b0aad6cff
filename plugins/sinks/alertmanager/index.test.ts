import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Plugin } from "weir";
import { Template } from "weir/fields";
import { delivery, flaws, type OpenedSink, openSink } from "weir/testing";
import sink from "./index.ts";

let server: Server;
let url: string;
let posted: { readonly path: string | undefined; readonly alerts: readonly Record<string, unknown>[] }[];
let writer: OpenedSink | undefined;

beforeEach(async () => {
  posted = [];
  server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part as string;
    posted.push({ path: request.url, alerts: JSON.parse(body) });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix/`;
});

afterEach(async () => {
  await writer?.close();
  server.closeAllConnections();
  server.close();
});

const open = async (config: Readonly<Record<string, unknown>>): Promise<OpenedSink> => {
  const byDefault = { annotations: {}, resolve_after: 60_000, auth: {}, headers: {}, tls: {} };
  writer = await openSink(sink, { config: { url, ...byDefault, ...config } });
  return writer;
};

const templates = (texts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, new Template(text)]));

it("is well formed", () => expect(flaws(sink as Plugin)).toEqual([]));

it("posts alerts that have begun, and end later, without labels that are empty", async () => {
  const sent = await open({ labels: templates({ who: "{{ who:- }}", fixed: "x" }) });
  const early = { who: "ada", "@timestamp": "2026-01-01T00:00:00.000Z" };
  const all = [early, { "@timestamp": "9999-01-01T00:00:00Z" }, { "@timestamp": "no time" }];
  expect(await sent.write(all.map((data, n) => delivery(data, `in/s@${n}`)))).toBeUndefined();
  expect(posted.map(({ path }) => path)).toEqual(["/prefix/api/v2/alerts"]);
  const { alerts } = posted[0]!;
  expect(alerts.map(({ labels }) => labels)).toEqual([{ who: "ada", fixed: "x" }, { fixed: "x" }, { fixed: "x" }]);
  expect(alerts[0]?.["startsAt"]).toBe("2026-01-01T00:00:00.000Z");
  for (const { startsAt, endsAt } of alerts) expect(String(startsAt) < String(endsAt)).toBe(true);
});

it("gives up an event that has no value for a label or an annotation, and sends the others", async () => {
  const sent = await open({
    labels: templates({ who: "{{ who }}" }),
    annotations: templates({ why: "{{ why }}" }),
  });
  const all = [{ who: "ada", why: "x" }, { who: "ada" }, { why: "x" }];
  expect(await sent.write(all.map((data, n) => delivery(data, `in/s@${n}`)))).toMatchObject({
    failed: [
      { index: 1, final: true },
      { index: 2, final: true },
    ],
  });
  expect(posted[0]?.alerts.length).toBe(1);
});
