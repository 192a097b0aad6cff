import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDeadLetters } from "../kill/dead-letters.ts";
import { temporaryDir, until } from "../runtime/harness.ts";
import { came, serve } from "./pipeline.ts";

const key = "a key of forty characters or more, at best";
const serveFirehose = (source: Record<string, unknown> = {}, options: Parameters<typeof serve>[1] = {}) =>
  serve({ type: "aws_firehose", access_keys: [key], ...source }, options);

/** Sends as Firehose does. */
const send = async (
  url: string,
  records: readonly (string | Buffer)[],
  { body, ...headers }: Record<string, string | Buffer | undefined> = {},
) => {
  const data = records.map((record) => ({ data: Buffer.from(record).toString("base64") }));
  const all = {
    "content-type": "application/json",
    "x-amz-firehose-protocol-version": "1.0",
    "x-amz-firehose-request-id": "ed4acda5",
    "x-amz-firehose-access-key": key,
    ...headers,
  };
  const response = await fetch(`${url}/any/path`, {
    method: "POST",
    body: body ?? JSON.stringify({ requestId: "ed4acda5", timestamp: 1578090903599, records: data }),
    headers: Object.entries(all).filter(([, value]) => value !== undefined) as [string, string][],
  });
  const type = response.headers.get("content-type");
  return { status: response.status, type, answer: (await response.json()) as Record<string, unknown> };
};

const read = (auditID: string, userAgent: string) => ({
  kind: "Event",
  apiVersion: "audit.k8s.io/v1",
  level: "Metadata",
  auditID,
  stage: "ResponseComplete",
  verb: "get",
  user: { username: "marta" },
  sourceIPs: ["10.8.3.21"],
  userAgent,
  objectRef: { resource: "secrets", namespace: "shop", name: "stripe-key", apiVersion: "v1" },
  responseStatus: { code: 200 },
});

const subscription = (events: readonly unknown[], logStream = "kube-apiserver-audit-1") =>
  JSON.stringify({
    messageType: "DATA_MESSAGE",
    owner: "123456789012",
    logGroup: "/aws/eks/prod/cluster",
    logStream,
    subscriptionFilters: ["to-weir"],
    logEvents: events.map((event, index) => ({
      id: `${index}`,
      timestamp: 1767225600000,
      message: JSON.stringify(event),
    })),
  });

const success = { status: 200, type: "application/json", answer: { requestId: "ed4acda5" } };

it("audit events of EKS raise alerts: CloudWatch Logs, by a subscription, by Firehose", async () => {
  const serving = await serveFirehose(
    {},
    {
      transforms: {
        ecs: { type: "kubernetes_audit", inputs: ["in"] },
        detect: { type: "detection", inputs: ["ecs"], rules: ["kubernetes_secret_access_unusual_user_agent"] },
      },
    },
  );
  const records = [
    gzipSync(
      JSON.stringify({ messageType: "CONTROL_MESSAGE", logEvents: [{ id: "", message: "CWL CONTROL MESSAGE" }] }),
    ),
    gzipSync(subscription([read("a", "curl/8.9.1"), read("b", "curl/8.9.1")])),
    gzipSync(subscription([{ not: "audit" }], "kube-scheduler-1")),
    gzipSync(subscription([read("c", "wget/1.25")])),
  ];
  const { answer, ...rest } = await send(serving.url, records);
  expect({ ...rest, answer }).toMatchObject(success);
  expect(answer["timestamp"]).toEqual(expect.any(Number));
  expect(answer).not.toHaveProperty("errorMessage");
  await came(serving, 2);
  expect(serving.kept.map(({ data }) => data)).toMatchObject([
    { user_agent: { original: "curl/8.9.1" } },
    { user_agent: { original: "wget/1.25" } },
  ]);
  const ids = serving.kept.map(({ id }) => id);
  await send(serving.url, records);
  await send(serving.url, [subscription([read("d", "go")])]);
  await came(serving, 3);
  expect(serving.kept.map(({ id }) => id).slice(0, 2)).toEqual(ids);
});

it("records are read line by line, with or without gzip and line feeds", async () => {
  const serving = await serveFirehose();
  const line = fc.integer().map((n) => JSON.stringify({ n }));
  const record = fc.tuple(fc.array(line, { maxLength: 5 }), fc.boolean(), fc.boolean());
  let before = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 6 }), fc.boolean(), async (records, isCompressed) => {
      const sent = records.map(([lines, isGzip, isEnded]) => {
        const text = lines.join("\n") + (isEnded ? "\n" : "");
        return isGzip ? gzipSync(text) : text;
      });
      const data = sent.map((one) => ({ data: Buffer.from(one).toString("base64") }));
      const body = JSON.stringify({ requestId: "ed4acda5", timestamp: 1, records: data });
      const packed: Record<string, string | Buffer> = isCompressed
        ? { body: gzipSync(body), "content-encoding": "gzip" }
        : { body };
      expect(await send(serving.url, [], packed)).toMatchObject(success);
      const wanted = records.flatMap(([lines]) => lines);
      await came(serving, before + wanted.length);
      expect(serving.kept.slice(before).map(({ data }) => JSON.stringify(data))).toEqual(wanted);
      before = serving.kept.length;
    }),
    { numRuns: 40 },
  );
});

it("a proxy on the same machine may pass on the name by which Firehose reaches it, if there is an access key", async () => {
  const status = async (url: string) => {
    const headers = { host: "firehose.example.org", "x-amz-firehose-access-key": key };
    const sent = request(url, { method: "POST", headers }).end('{"records":[]}');
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };
  expect(await status((await serveFirehose()).url)).toBe(200);
  expect(await status((await serveFirehose({ access_keys: [] })).url)).toBe(403);
});

it("an id that is too long to be one is not repeated in the answer", async () => {
  const serving = await serveFirehose();
  const body = JSON.stringify({ requestId: "x".repeat(1_000_000), timestamp: 1, records: [] });
  expect(await send(serving.url, [], { body })).toMatchObject(success);
});

it("a record that cannot be decoded is in the dead letter; the others go on", async () => {
  const dataDir = temporaryDir();
  const serving = await serveFirehose({}, { dataDir });
  const damaged = gzipSync('{"n": 1}');
  damaged.fill(0xff, 10, 16);
  const records = [damaged.toString("base64"), "no base64!", Buffer.from('{"n": 2}').toString("base64")];
  const body = JSON.stringify({ requestId: "ed4acda5", timestamp: 1, records: records.map((data) => ({ data })) });
  expect(await send(serving.url, [], { body })).toMatchObject(success);
  await came(serving, 1);
  expect(serving.kept.map(({ data }) => data)).toEqual([{ n: 2 }]);
  await until(() => readDeadLetters(dataDir).length === 2);
  const letters = JSON.stringify(readDeadLetters(dataDir));
  expect(letters).toContain("record 0 cannot be decoded");
  expect(letters).toContain(damaged.toString("base64"));
  expect(letters).toContain("record 1 cannot be decoded: it is not base64");
});

describe("a refusal is answered as Firehose expects", () => {
  it.each([
    [401, "The request has no access key", { "x-amz-firehose-access-key": undefined }],
    [401, "The access key is not valid", { "x-amz-firehose-access-key": "guessed" }],
    [400, "it is not JSON", { body: "records" }],
    [400, 'it has no "records" list', { body: "{}" }],
    [400, 'it has no "records" list', { body: "[]" }],
    [400, "records[1].data is not a base64 string", { body: '{"records": [{"data": ""}, {"data": 1}]}' }],
    [413, "more than 20000 objects and lists", { body: "[".repeat(30_000) }],
    [
      413,
      "larger than 100000 bytes",
      { body: `{"records": [{"data": "${gzipSync(Buffer.alloc(200_000)).toString("base64")}"}]}` },
    ],
  ] as const)("%i: %s", async (status, message, changed) => {
    const serving = await serveFirehose({ max_unpacked: "100KB" });
    const found = await send(serving.url, ['{"n": 1}'], changed);
    expect(found).toMatchObject({ status, type: "application/json", answer: { requestId: "ed4acda5" } });
    expect(found.answer["errorMessage"]).toContain(message);
  });
});
