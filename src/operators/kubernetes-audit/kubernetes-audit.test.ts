import { hash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { lastValueFrom, of } from "rxjs";
import { describe, expect, it } from "vitest";
import { Batch } from "../../batch.ts";
import { RecordMeta } from "../../event.ts";
import type { Data } from "../../json.ts";
import { kubernetesAudit } from "./index.ts";

const ingested = Date.UTC(2026, 4, 6, 7, 8, 9, 10);
const stamp = "2026-05-06T07:08:09.010Z";

const operator = kubernetesAudit({
  digest: (text) => hash("sha256", text, "hex").slice(0, 32),
  gunzip: (base64) => gunzipSync(Buffer.from(base64, "base64")).toString(),
});

const freeze = <T>(value: T): T => {
  if (typeof value === "object" && value !== null)
    for (const inner of Object.values(Object.freeze(value))) freeze(inner);
  return value;
};

const through = (...records: readonly Data[]): Promise<Batch> => {
  const events = records.map((data, index) => ({
    data: freeze(data),
    meta: new RecordMeta("audit", "log", index, ingested),
  }));
  return lastValueFrom(operator(of(new Batch(events))));
};

const event = (changes: Data = {}): Data => ({
  kind: "Event",
  apiVersion: "audit.k8s.io/v1",
  level: "Metadata",
  auditID: "5d3fb1f0-41c6-4d0c-8f0a-0f6b6a3e7a11",
  stage: "ResponseComplete",
  requestURI: "/api/v1/namespaces/orchard/secrets/cider-recipe",
  verb: "get",
  user: {
    username: "system:serviceaccount:orchard:presser",
    uid: "7a4d7c1e-0000-4f6b-9a44-2f5b0a9d1c3e",
    groups: ["system:authenticated", ""],
    extra: {},
  },
  sourceIPs: ["203.0.113.9", "10.1.2.3"],
  userAgent: "wget/1.25.0",
  objectRef: { resource: "secrets", namespace: "orchard", name: "cider-recipe", apiGroup: "", apiVersion: "v1" },
  responseStatus: { metadata: {}, code: 200 },
  requestReceivedTimestamp: "2026-05-06T07:00:00.000001Z",
  stageTimestamp: "2026-05-06T07:00:00.002000Z",
  annotations: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" },
  ...changes,
});

/** One of a kind each, so that every envelope carries the odd as well as the ordinary. */
const events: readonly Data[] = [
  event(),
  event({ verb: "list", user: { username: "ada" }, sourceIPs: ["2001:db8::1"] }),
  event({ stage: "RequestReceived", responseStatus: null, annotations: null }),
  event({ userAgent: "spout/v0.0.0 (linux/amd64) kubernetes/$Format" }),
  event({ userAgent: undefined, sourceIPs: [], objectRef: undefined }),
  event({ user: { username: "system:anonymous", groups: ["system:unauthenticated"] }, sourceIPs: ["not an address"] }),
  event({ impersonatedUser: { username: "bruno", groups: ["cellar"] }, userAgent: "Käse/1.0 🧀" }),
  event({
    level: "Request",
    requestObject: { metadata: { name: "x" }, data: { note: "y".repeat(30_000), empty: "" } },
  }),
  event({ responseObject: { metadata: {}, items: [null, { a: [] }, "kept"] }, annotations: { "a.b/c.d": "1" } }),
  event({
    apiVersion: "audit.k8s.io/v1beta1",
    metadata: { creationTimestamp: "2018-01-01T00:00:00Z" },
    timestamp: "2018-01-01T00:00:00Z",
  }),
].map((one) => JSON.parse(JSON.stringify(one)));

const subscription = (one: Data): Data => ({
  messageType: "DATA_MESSAGE",
  logGroup: "/aws/eks/orchard/cluster",
  logStream: "kube-apiserver-audit-77",
  logEvents: [{ id: "1", timestamp: ingested, message: JSON.stringify(one) }],
});
const cri = (one: Data): string => `2026-05-06T07:00:01.123456789Z stdout F ${JSON.stringify(one)}`;
const cloud = { provider: "aws" };
const cloudwatch = { log_group: "/aws/eks/orchard/cluster", log_stream: "kube-apiserver-audit-77" };

/** How each envelope wraps an event, and what it adds to the document. */
const envelopes: Readonly<Record<string, { readonly wrap: (one: Data) => Data; readonly adds?: Data }>> = {
  "an object": { wrap: (one) => one },
  "a line": { wrap: (one) => ({ message: JSON.stringify(one) }) },
  "a line that ends like on Windows": { wrap: (one) => ({ message: `${JSON.stringify(one)}\r` }) },
  "an EventList": {
    wrap: ({ kind: _, apiVersion, ...one }) => ({ kind: "EventList", apiVersion, metadata: {}, items: [one] }),
  },
  "a container runtime's line": {
    wrap: (one) => ({ message: cri(one) }),
    adds: { "@timestamp": "2026-05-06T07:00:01.123456789Z" },
  },
  "Fluent Bit, by line": {
    wrap: (one) => ({ date: 1_778_050_000.25, log: `${JSON.stringify(one)}\n`, kubernetes: { host: "press-1" } }),
    adds: { "@timestamp": "2026-05-06T06:46:40.250Z", kubernetes: { host: "press-1" } },
  },
  "Fluent Bit, merged": {
    wrap: (one) => ({ date: 1_778_050_000, cluster: "orchard", ...one }),
    adds: { "@timestamp": "2026-05-06T06:46:40.000Z", cluster: "orchard" },
  },
  "Elastic Agent": {
    wrap: (one) => ({
      "@timestamp": "2026-05-06T07:00:02.000Z",
      data_stream: { type: "logs", dataset: "kubernetes.audit_logs", namespace: "fruit" },
      event: { dataset: "kubernetes.audit_logs", original: "{}" },
      log: { offset: 12 },
      kubernetes: { audit: one },
    }),
    adds: {
      "@timestamp": "2026-05-06T07:00:02.000Z",
      data_stream: { type: "logs", dataset: "kubernetes.audit_logs", namespace: "fruit" },
      log: { offset: 12 },
    },
  },
  "CloudWatch subscription": { wrap: subscription, adds: { "@timestamp": stamp, cloud, aws: { cloudwatch } } },
  "CloudWatch Lambda event": {
    wrap: (one) => ({ awslogs: { data: gzipSync(JSON.stringify(subscription(one))).toString("base64") } }),
    adds: { "@timestamp": stamp, cloud, aws: { cloudwatch } },
  },
  "FilterLogEvents row": {
    wrap: (one) => ({
      logStreamName: "kube-apiserver-audit-77",
      timestamp: ingested,
      message: JSON.stringify(one),
      eventId: "3",
    }),
    adds: { "@timestamp": stamp, cloud, aws: { cloudwatch: { log_stream: "kube-apiserver-audit-77" } } },
  },
  "a container runtime's line in Fluent Bit": {
    wrap: (one) => ({ log: cri(one), stream: "stdout" }),
    adds: { "@timestamp": "2026-05-06T07:00:01.123456789Z", stream: "stdout" },
  },
};

const withoutOutcome = (document: Data): Data => {
  const { outcome: _, ...rest } = document["event"] as Data;
  return { ...document, event: rest };
};

describe.each(Object.entries(envelopes))("in %s", (_name, { wrap, adds = {} }) => {
  it("each event gives the document and the id that it gives bare", async () => {
    const bare = await through(...events);
    const wrapped = await through(...events.map(wrap));
    expect(wrapped.account?.rejected ?? []).toEqual([]);
    expect(wrapped.events.map(({ meta }) => meta.id)).toEqual(bare.events.map(({ meta }) => meta.id));
    wrapped.events.forEach(({ data }, index) => {
      const expected = bare.events[index]!.data;
      const kubernetes = { ...(adds["kubernetes"] as Data), ...(expected["kubernetes"] as Data) };
      expect(withoutOutcome(data)).toStrictEqual({ ...expected, ...adds, kubernetes });
    });
  });
});

describe("the document", () => {
  it("is that of Elastic's integration", async () => {
    const { events } = await through(event());
    expect(events[0]!.data).toStrictEqual({
      "@timestamp": stamp,
      data_stream: { type: "logs", dataset: "kubernetes.audit_logs", namespace: "default" },
      event: { kind: "event", action: "get", dataset: "kubernetes.audit_logs", ingested: stamp },
      user: { name: "system:serviceaccount:orchard:presser", id: "7a4d7c1e-0000-4f6b-9a44-2f5b0a9d1c3e" },
      user_agent: { original: "wget/1.25.0" },
      source: { ip: ["203.0.113.9", "10.1.2.3"] },
      client: { ip: ["203.0.113.9", "10.1.2.3"] },
      orchestrator: {
        type: "kubernetes",
        api_version: "audit.k8s.io/v1",
        namespace: "orchard",
        resource: { type: "secrets", name: "cider-recipe" },
      },
      related: {
        user: ["7a4d7c1e-0000-4f6b-9a44-2f5b0a9d1c3e", "system:serviceaccount:orchard:presser"],
        ip: ["203.0.113.9", "10.1.2.3"],
      },
      kubernetes: {
        audit: {
          kind: "Event",
          apiVersion: "audit.k8s.io/v1",
          level: "Metadata",
          auditID: "5d3fb1f0-41c6-4d0c-8f0a-0f6b6a3e7a11",
          stage: "ResponseComplete",
          requestURI: "/api/v1/namespaces/orchard/secrets/cider-recipe",
          verb: "get",
          user: {
            username: "system:serviceaccount:orchard:presser",
            uid: "7a4d7c1e-0000-4f6b-9a44-2f5b0a9d1c3e",
            groups: ["system:authenticated"],
          },
          sourceIPs: ["203.0.113.9", "10.1.2.3"],
          userAgent: "wget/1.25.0",
          objectRef: { resource: "secrets", namespace: "orchard", name: "cider-recipe", apiVersion: "v1" },
          responseStatus: { code: 200 },
          requestReceivedTimestamp: "2026-05-06T07:00:00.000001Z",
          stageTimestamp: "2026-05-06T07:00:00.002000Z",
          annotations: { "authorization_k8s_io/decision": "allow" },
        },
      },
    });
  });

  const sourceOf = async (sourceIPs: unknown) => (await through(event({ sourceIPs }))).events[0]!.data["source"];

  it.each([
    ["every element is an address", ["10.0.0.1", "2001:DB8::1", "::ffff:10.0.0.1"]],
    ["it is one address, not in a list", "10.0.0.1"],
  ])("has a source.ip where %s", async (_when, sourceIPs) => {
    expect(await sourceOf(sourceIPs)).toStrictEqual({ ip: [sourceIPs].flat() });
  });

  it.each([
    [["10.0.0.1", "unknown"]],
    [["10.0.0.1", null]],
    [["10.0.0.1", ""]],
    [["10.0.00.1"]],
    [["10.0.0"]],
    [["10.0.0.1."]],
    [["256.0.0.1"]],
    [["fe80::1%eth0"]],
    [[16_909_060]],
    [[]],
    [null],
  ])("has no source.ip for sourceIPs %j", async (sourceIPs) => {
    expect(await sourceOf(sourceIPs)).toBeUndefined();
  });

  it("names each user and address once in related", async () => {
    const related = async (changes: Data) => (await through(event(changes))).events[0]!.data["related"];
    expect(await related({ user: { username: "a", uid: "a" }, sourceIPs: ["::1", "10.0.0.1", "::1"] })).toStrictEqual({
      user: ["a"],
      ip: ["::1", "10.0.0.1"],
    });
    expect(await related({ user: null, sourceIPs: null })).toBeUndefined();
    expect(await related({ user: { uid: "7" }, sourceIPs: null })).toStrictEqual({ user: ["7"] });
    expect(await related({ user: null, sourceIPs: ["::1"] })).toStrictEqual({ ip: ["::1"] });
  });

  it("tells the outcome where the decision is still there under its own name", async () => {
    const outcome = async (wrapped: Data) => ((await through(wrapped)).events[0]!.data["event"] as Data)["outcome"];
    const decided = (decision: string) => event({ annotations: { "authorization.k8s.io/decision": decision } });
    expect(await outcome(subscription(decided("allow")))).toBe("success");
    expect(await outcome(subscription(decided("forbid")))).toBe("failure");
    expect(await outcome(subscription(decided("maybe")))).toBeUndefined();
    expect(await outcome({ kubernetes: { audit: decided("forbid") } })).toBe("failure");
    expect(await outcome(decided("forbid"))).toBeUndefined();
  });

  it("loses the metadata of bodies, and nothing else of them", async () => {
    const body = { kind: "Secret", metadata: { name: "x" }, data: { metadata: { a: "1" } } };
    const { events } = await through(event({ requestObject: body, responseObject: { metadata: { name: "x" } } }));
    const { audit } = events[0]!.data["kubernetes"] as { audit: Data };
    expect(audit["requestObject"]).toStrictEqual({ kind: "Secret", data: { metadata: { a: "1" } } });
    expect(audit).not.toHaveProperty("responseObject");
  });
});

describe("a list", () => {
  it("gives one event an item; a bad item goes to the dead letter by itself", async () => {
    const items = [
      event({ auditID: "a" }),
      { auditID: "b" },
      "no JSON",
      7,
      event({ auditID: "c", user: "ada" }),
      event({ auditID: "d" }),
    ];
    const { events, account } = await through({ kind: "EventList", items });
    expect(events.map(({ meta }) => meta.id.split("/")[0])).toEqual(["a", "d"]);
    expect(account?.rejected?.map(({ event, reason }) => [event.meta.id, event.data, reason])).toEqual([
      ["audit/log@0/1", { kind: "Event", auditID: "b" }, "not_an_audit_event"],
      ["audit/log@0/2", { message: "no JSON" }, "not_json"],
      ["audit/log@0/3", { message: "7" }, "not_an_audit_event"],
      ["audit/log@0/4", items[4], "field_type_conflict"],
    ]);
  });

  it("without items is consumed", async () => {
    const { events, account } = await through({ kind: "EventList", items: [] });
    expect([events, account]).toEqual([[], { consumed: { empty_list: 1 } }]);
  });
});

it.each<[string, Data, string, string]>([
  [
    "an object",
    { foo: 1, bar: 2 },
    "not_an_audit_event",
    'a record without "auditID" and "verb" is not a Kubernetes audit event: found the keys "foo", "bar"',
  ],
  [
    "an event without a verb",
    { auditID: "a", stage: "Panic" },
    "not_an_audit_event",
    'a record without "verb" is not a Kubernetes audit event: found the keys "auditID", "stage"',
  ],
  [
    "nothing",
    {},
    "not_an_audit_event",
    'a record without "auditID" and "verb" is not a Kubernetes audit event: found no keys at all',
  ],
  [
    "a line of text",
    { message: "hello there" },
    "not_json",
    'the line "hello there" is neither JSON nor a container runtime\'s line with JSON in it',
  ],
  [
    "a part of a line",
    { message: '2026-05-06T07:00:01Z stdout P {"kind":"Ev' },
    "partial_line",
    "a container runtime has cut this line into parts, which weir does not join yet; let kube-apiserver write its audit log to a file of its own",
  ],
  [
    "a user agent of the wrong type",
    event({ userAgent: { name: "x" } }),
    "field_type_conflict",
    '"userAgent" of an audit event is text, but here it is an object; Elasticsearch could not index this event',
  ],
  [
    "annotations of the wrong type",
    event({ annotations: "none" }),
    "field_type_conflict",
    '"annotations" of an audit event is an object, but here it is a string; Elasticsearch could not index this event',
  ],
])("%s goes to the dead letter, with words that help", async (_what, data, reason, message) => {
  const { events, account } = await through(data, event());
  expect(events).toHaveLength(1);
  expect(account?.rejected).toEqual([expect.objectContaining({ reason, message })]);
});

it("rejects what is nested too deep, in envelopes or in values", async () => {
  const reasons = async (data: Data) => (await through(data)).account?.rejected?.map(({ reason }) => reason);
  let wrapped: Data = event();
  for (let layer = 0; layer < 12; layer++) wrapped = { log: JSON.stringify(wrapped) };
  expect(await reasons(wrapped)).toEqual(["nested_too_deep"]);
  let value: unknown = "core";
  for (let level = 0; level < 1_000; level++) value = [value];
  expect(await reasons(event({ requestObject: { value } }))).toEqual(["nested_too_deep"]);
});

const hollow = (value: unknown): boolean => {
  if (value === undefined || value === null || value === "") return true;
  if (typeof value !== "object") return false;
  const inner = Object.values(value);
  return inner.length === 0 || inner.some(hollow);
};

it("makes documents without null, empty text, empty lists or empty objects, whatever the event; and changes no input", async () => {
  const part = fc.jsonValue({ maxDepth: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.record(
        {
          user: part,
          objectRef: part,
          annotations: part,
          requestObject: part,
          sourceIPs: part,
          userAgent: part,
          extra: part,
        },
        { requiredKeys: [] },
      ),
      fc.constantFrom(...Object.values(envelopes)),
      async (changes, { wrap }) => {
        const { events, account } = await through(wrap(event(changes as Data)));
        expect(events.length + (account?.rejected?.length ?? 0)).toBe(1);
        for (const { data } of events) expect(hollow(data)).toBe(false);
        for (const { reason } of account?.rejected ?? []) expect(reason).toBe("field_type_conflict");
      },
    ),
    { numRuns: 500 },
  );
});

it("gives events that differ anywhere different ids, whoever chose the auditID", async () => {
  const { events } = await through(event(), event({ verb: "list" }), event({ stage: "RequestReceived" }), event());
  const ids = events.map(({ meta }) => meta.id);
  expect(new Set(ids).size).toBe(3);
  expect(ids[3]).toBe(ids[0]);
});
