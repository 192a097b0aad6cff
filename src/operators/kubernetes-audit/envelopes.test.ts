import { describe, expect, it } from "vitest";
import { envelopes } from "../../../test/kubernetes-audit/envelopes.ts";
import { event, events, through } from "../../../test/kubernetes-audit/events.ts";
import type { Data } from "../../json.ts";

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

  it.each([
    ["without items", { kind: "EventList", items: [] }],
    [
      "of another log of the control plane",
      { logStream: "authenticator-7f", logEvents: [{ message: "time=… level=info" }] },
    ],
    ["of one row of such a log", { logStreamName: "kube-apiserver-7f", eventId: "1", message: "I0506 trace.go:236]" }],
    ["that only checks that somebody listens", { messageType: "CONTROL_MESSAGE", logEvents: [{ message: "hello" }] }],
  ])("%s is consumed", async (_which, record) => {
    const { events, account } = await through(record);
    expect([events, account]).toEqual([[], { consumed: { no_audit_events: 1 } }]);
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

it("gives events that differ anywhere different ids, whoever chose the auditID", async () => {
  const { events } = await through(event(), event({ verb: "list" }), event({ stage: "RequestReceived" }), event());
  const ids = events.map(({ meta }) => meta.id);
  expect(new Set(ids).size).toBe(3);
  expect(ids[3]).toBe(ids[0]);
});
