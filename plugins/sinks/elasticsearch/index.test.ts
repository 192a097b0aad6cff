import { afterEach, beforeEach, expect, it } from "vitest";
import type { Plugin } from "weir";
import { isObject } from "weir/fields";
import { delivery, flaws, type OpenedSink, openSink } from "weir/testing";
import { receiver } from "../../../test/http/receiver.ts";
import sink from "./index.ts";
import { alertMapping } from "./mapping.ts";

interface Asked {
  readonly call: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

let url: string;
let asked: Asked[];
/** The answers to requests that are not for the bulk API, by method and path; `{}` with status 200 to all others. */
let answers: Record<string, readonly [status: number, body: unknown]>;
let writer: OpenedSink | undefined;

beforeEach(async () => {
  asked = [];
  answers = {};
  const there = await receiver(({ method, url, headers, plain }, response) => {
    const call = `${method} ${url.split("?")[0]}`;
    const body = plain.toString();
    asked.push({ call, authorization: headers.authorization, body });
    const items = body
      .split("\n")
      .slice(0, -1)
      .filter((_line, index) => index % 2 === 0);
    const [status, answer] = answers[call] ?? [200, { items: items.map(() => ({ create: { status: 201 } })) }];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  url = there.origin;
});

afterEach(() => writer?.close());

const open = async (config: Readonly<Record<string, unknown>> = {}): Promise<OpenedSink> => {
  await writer?.close();
  const byDefault = { index: "logs-weir-default", index_template: "none", compression: "none" };
  writer = await openSink(sink, { config: { url, ...byDefault, auth: {}, headers: {}, tls: {}, ...config } });
  return writer;
};

const actionsOf = ({ body }: Asked) =>
  body
    .split("\n")
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));

it("is well formed", () => expect(flaws(sink as Plugin)).toEqual([]));

it("creates events under their ids, below the path of the URL", async () => {
  const all = [delivery({ n: 1 }, "in/s@0"), delivery({ n: 2 }, `in/${"s".repeat(600)}@0`)];
  expect(await (await open({ url: `${url}/es/`, compression: "gzip" })).write(all)).toBeUndefined();
  expect(asked.map(({ call }) => call)).toEqual(["POST /es/_bulk"]);
  const [first, , second] = actionsOf(asked[0]!);
  expect(first).toEqual({ create: { _index: "logs-weir-default", _id: "in/s@0" } });
  expect(second).toEqual({ create: { _index: "logs-weir-default", _id: expect.stringMatching(/^[0-9a-f]{32}$/) } });
});

it("sends each event to its index, and gives up what has none", async () => {
  const all = [{ at: "A" }, { at: "b" }, {}, { at: "a b" }, { at: "x".repeat(300) }].map((data, n) =>
    delivery(data, `in/s@${n}`),
  );
  const outcome = await (await open({ index: "logs-{{ at }}-x" })).write(all);
  expect(actionsOf(asked[0]!).filter((_line, index) => index % 2 === 0)).toEqual([
    { create: { _index: "logs-a-x", _id: "in/s@0" } },
    { create: { _index: "logs-b-x", _id: "in/s@1" } },
  ]);
  expect(outcome?.failed?.map(({ index, final }) => [index, final])).toEqual([
    [2, true],
    [3, true],
    [4, true],
  ]);
});

it.each([
  [{ user: "me", password: "word" }, "Basic bWU6d29yZA=="],
  [{ api_key: "id:key" }, "ApiKey aWQ6a2V5"],
  [{ api_key: "aWQ6a2V5" }, "ApiKey aWQ6a2V5"],
  [{ token: "abc" }, "Bearer abc"],
  [{}, undefined],
])("sends the credentials %j", async (auth, authorization) => {
  await (await open({ auth })).write([delivery({}, "in/s@0")]);
  expect(asked[0]?.authorization).toBe(authorization);
});

const template = "/_index_template/weir-logs-any-x";

it("makes an index template before the first event, once", async () => {
  answers = { [`GET ${template}`]: [404, {}], "GET /": [200, { version: { distribution: "opensearch" } }] };
  const opened = await open({ index: "logs-{{ at }}-x", index_template: "alerts" });
  await opened.write([delivery({ at: "a" }, "in/s@0")]);
  await opened.write([delivery({ at: "a" }, "in/s@1")]);
  expect(asked.map(({ call }) => call)).toEqual([
    `GET ${template}`,
    "GET /",
    `PUT ${template}`,
    "POST /_bulk",
    "POST /_bulk",
  ]);
  const made: unknown = JSON.parse(asked[2]!.body);
  expect(made).toMatchObject({ index_patterns: ["logs-*-x"], data_stream: {}, template: { mappings: {} } });
});

it("leaves a template as it is, and sends nothing until there is one", async () => {
  const opened = await open({ index: "logs-{{ at }}-x", index_template: "alerts" });
  answers = { [`GET ${template}`]: [403, { error: "not allowed" }] };
  await expect(opened.write([delivery({ at: "a" }, "in/s@0")])).rejects.toThrow(
    'cannot read the index template "weir-logs-any-x"',
  );
  answers = { [`GET ${template}`]: [404, {}], [`PUT ${template}`]: [400, { error: "conflicts" }] };
  await expect(opened.write([delivery({ at: "a" }, "in/s@0")])).rejects.toThrow("conflicts");
  answers = {};
  await opened.write([delivery({ at: "a" }, "in/s@0")]);
  expect(asked.map(({ call }) => call).slice(-2)).toEqual([`GET ${template}`, "POST /_bulk"]);
});

it("maps a field once, and with the types that the server has", () => {
  const typesIn = (value: unknown): readonly string[] =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, each]) => (name === "type" ? [String(each)] : typesIn(each)))
      : [];
  const ofOpenSearch = new Set(typesIn(alertMapping(true)["properties"]));
  for (const type of ["flattened", "match_only_text", "wildcard"]) expect(ofOpenSearch).not.toContain(type);
  const { properties } = alertMapping(false);
  expect(properties).toMatchObject({
    "@timestamp": { type: "date" },
    source: { properties: { ip: { type: "ip" }, port: { type: "long" } } },
    kibana: { properties: { alert: { properties: { reason: { type: "keyword" }, start: { type: "date" } } } } },
    kubernetes: { properties: { audit: { properties: { requestObject: { type: "flattened" } } } } },
  });
});
