import { describe, expect, it } from "vitest";
import type { Data } from "weir";
import { logEntry } from "../../../test/kubernetes-audit/clouds.ts";
import { envelopes } from "../../../test/kubernetes-audit/envelopes.ts";
import { event, events, stamp, through } from "../../../test/kubernetes-audit/events.ts";

const withoutOutcome = (document: Data): Data => {
  const { outcome: _, ...rest } = document["event"] as Data;
  return { ...document, event: rest };
};

const merged = (one: Data, other: Data): Data => ({ ...one, ...other });

describe.each(Object.entries(envelopes).filter(([, { carries }]) => !carries))(
  "in %s",
  (_name, { wrap, adds = {} }) => {
    it("each event gives the same document and id as without an envelope", () => {
      const bare = through(...events);
      const wrapped = through(...events.map(wrap));
      expect(wrapped.rejected).toEqual([]);
      expect(wrapped.events.map(({ meta }) => meta.id)).toEqual(bare.events.map(({ meta }) => meta.id));
      wrapped.events.forEach(({ data }, index) => {
        const expected = bare.events[index]!.data;
        const [added, own] = [adds["kubernetes"], expected["kubernetes"]] as [Data | undefined, Data];
        const audit = merged(own["audit"] as Data, (added?.["audit"] ?? {}) as Data);
        const kubernetes = { ...added, audit };
        expect(withoutOutcome(data)).toStrictEqual({ ...expected, ...adds, kubernetes });
      });
    });
  },
);

describe("a list", () => {
  it("gives one event for each item; only a bad item goes to the dead letter", () => {
    const items = [
      event({ auditID: "a" }),
      { auditID: "b" },
      "no JSON",
      7,
      event({ auditID: "c", user: "ada" }),
      event({ auditID: "d" }),
    ];
    const { events, rejected } = through({ kind: "EventList", items });
    expect(events.map(({ meta }) => meta.id.split("/")[0])).toEqual(["a", "d"]);
    expect(rejected.map(({ event, reason }) => [event.meta.id, event.data, reason])).toEqual([
      ["audit/log@0/1", { kind: "Event", auditID: "b" }, "not_an_audit_event"],
      ["audit/log@0/2", { message: "no JSON" }, "not_json"],
      ["audit/log@0/3", { message: "7" }, "not_an_audit_event"],
      ["audit/log@0/4", items[4], "field_type_conflict"],
    ]);
  });

  it("gives one event for an item that it has twice", () => {
    const items = [event({ auditID: "a" }), event({ auditID: "b" }), event({ auditID: "a" })];
    const { events, rejected } = through({ kind: "EventList", items });
    expect(events.map(({ meta }) => meta.id.split("/")[0])).toEqual(["a", "b"]);
    expect(rejected).toEqual([]);
  });

  it.each([
    ["without items", { kind: "EventList", items: [] }],
    [
      "of another log of the control plane",
      { logStream: "authenticator-7f", logEvents: [{ message: "time=… level=info" }] },
    ],
    ["of one row of such a log", { logStreamName: "kube-apiserver-7f", eventId: "1", message: "I0506 trace.go:236]" }],
    ["of other logs of AKS", { records: [{ category: "guard", properties: { log: "time=… level=info" } }] }],
    ["of Log Analytics with another log", { Category: "kube-scheduler", log_s: "I0506 7 leader" }],
    ["that is the second line of a pair", { message: '2026-05-06T07:00:00Z AUDIT: id="a-1" response="200"' }],
    ["without logs", { resourceLogs: [{ scopeLogs: [{ logRecords: [] }] }] }],
    ["that only checks that somebody listens", { messageType: "CONTROL_MESSAGE", logEvents: [{ message: "hello" }] }],
  ])("%s is consumed", (_which, record) => {
    const { events, consumed, dropped, rejected, notes } = through(record);
    expect({ events, consumed, dropped, rejected, notes }).toEqual({
      events: [],
      consumed: { no_audit_events: 1 },
      rejected: [],
    });
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
    'the line "hello there" is neither JSON nor a line of a container runtime or syslog that contains JSON',
  ],
  [
    "a syslog line of something else",
    { message: "<30>May  6 07:00:00 press-1 cron[9]: (root) CMD (true)" },
    "not_json",
    'the line "(root) CMD (true)" after the prefix of syslog is not a JSON object',
  ],
  [
    "a cut text audit line",
    { message: 'AUDIT: id="a-1" method="get" user="ad' },
    "broken_audit_line",
    'an audit line consists of name="value" pairs, but this one continues with "user=\\"ad" at character 30: it was truncated or changed',
  ],
  [
    "an entry of another cloud service",
    { insertId: "1", protoPayload: { serviceName: "storage.example.net" } },
    "not_an_audit_event",
    'this Cloud Audit entry is from the service "storage.example.net", not "k8s.io" (Kubernetes): set the filter of the log sink to protoPayload.serviceName="k8s.io"',
  ],
  [
    "a Pub/Sub message that is not base64",
    { message: { data: "{}" } },
    "not_base64",
    '"message.data" is not base64: it starts with "{}"',
  ],
  [
    "a part of a line",
    { message: '2026-05-06T07:00:01Z stdout P {"kind":"Ev' },
    "partial_line",
    "a container runtime has split this line into parts, which weir cannot join yet; let kube-apiserver write its audit log to a separate file",
  ],
  [
    "a user agent of the wrong type",
    event({ userAgent: { name: "x" } }),
    "field_type_conflict",
    '"userAgent" of an audit event must be text, not an object; Elasticsearch could not index this event',
  ],
  [
    "annotations of the wrong type",
    event({ annotations: "none" }),
    "field_type_conflict",
    '"annotations" of an audit event must be an object, not a string; Elasticsearch could not index this event',
  ],
])("%s goes to the dead letter, with a helpful message", (_what, data, reason, message) => {
  const { events, rejected } = through(data, event());
  expect(events).toHaveLength(1);
  expect(rejected).toEqual([expect.objectContaining({ reason, message })]);
});

it("rejects envelopes and values that are nested too deep", () => {
  const reasons = (data: Data) => through(data).rejected.map(({ reason }) => reason);
  let wrapped: Data = event();
  for (let layer = 0; layer < 12; layer++) wrapped = { log: JSON.stringify(wrapped) };
  expect(reasons(wrapped)).toEqual(["nested_too_deep"]);
  let value: unknown = "core";
  for (let level = 0; level < 1_000; level++) value = [value];
  expect(reasons(event({ requestObject: { value } }))).toEqual(["nested_too_deep"]);
});

it("gives events that differ anywhere different ids, even with the same auditID", () => {
  const { events } = through(event(), event({ verb: "list" }), event({ stage: "RequestReceived" }), event());
  const ids = events.map(({ meta }) => meta.id);
  expect(new Set(ids).size).toBe(3);
  expect(ids[3]).toBe(ids[0]);
});

it("gives GKE's entries the document of Elastic's pipeline, on which no rule for audit events fires", () => {
  const { events } = through(logEntry(event()));
  expect(events[0]!.meta.id).toMatch(/^in-1\/\/[0-9a-f]{32}$/);
  const { protoPayload } = logEntry(event());
  const { status: _, ...payload } = protoPayload as Data;
  expect(events[0]!.data).toStrictEqual({
    "@timestamp": stamp,
    data_stream: { type: "logs", dataset: "kubernetes.audit_logs", namespace: "default" },
    event: { kind: "event", dataset: "kubernetes.audit_logs", ingested: stamp, outcome: "failure" },
    cloud: { provider: "gcp" },
    orchestrator: {
      type: "kubernetes",
      cluster: { name: "orchard", id: "cider" },
      resource: { type: "k8s_cluster", name: "core/v1/namespaces/orchard/secrets/cider-recipe" },
    },
    kubernetes: {
      audit: {
        protoPayload: payload,
        resource: { type: "k8s_cluster", labels: { cluster_name: "orchard", project_id: "cider" } },
        auditID: "in-1",
        requestReceivedTimestamp: "2026-05-06T07:00:05.5Z",
        stageTimestamp: "2026-05-06T07:00:04.5Z",
        annotations: { "authorization_k8s_io/decision": "forbid" },
        responseStatus: { code: 7 },
      },
    },
  });
});

it("reads everything in a legacy audit line", () => {
  const message = String.raw`2026-05-06T07:00:00Z AUDIT: id="a-1" stage="ResponseComplete" ip="10.0.0.9" method="get" user="ada\u0020\"l\"" groups="\"a\",\"b \\\"c\\\"\"" as="bruno" asgroups="\"cellar\"" user-agent="wget/1.25.0" namespace="orchard" uri="/api/v1/namespaces/orchard/secrets/cider%2Drecipe" response="403"`;
  const { events } = through({ message });
  expect(events[0]!.meta.id).toMatch(/^a-1\/ResponseComplete\//);
  expect((events[0]!.data["kubernetes"] as Data)["audit"]).toStrictEqual({
    kind: "Event",
    auditID: "a-1",
    stage: "ResponseComplete",
    requestURI: "/api/v1/namespaces/orchard/secrets/cider%2Drecipe",
    verb: "get",
    user: { username: 'ada "l"', groups: ["a", 'b "c"'] },
    impersonatedUser: { username: "bruno", groups: ["cellar"] },
    sourceIPs: ["10.0.0.9"],
    userAgent: "wget/1.25.0",
    objectRef: { resource: "secrets", namespace: "orchard", name: "cider-recipe", apiVersion: "v1" },
    responseStatus: { code: 403 },
    requestReceivedTimestamp: "2026-05-06T07:00:00Z",
  });
});
