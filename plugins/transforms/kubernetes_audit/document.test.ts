import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Data } from "weir";
import { envelopes, subscription } from "../../../test/kubernetes-audit/envelopes.ts";
import { event, stamp, through } from "../../../test/kubernetes-audit/events.ts";

describe("the document", () => {
  it("is the same as from Elastic's integration", () => {
    const { events } = through(event());
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

  it("has no verb and no action where the API server has no verb for the method", () => {
    const [options] = through(event({ verb: "" })).events;
    const { event: described, kubernetes } = options!.data as Record<string, Data>;
    expect(described).toStrictEqual({ kind: "event", dataset: "kubernetes.audit_logs", ingested: stamp });
    expect(kubernetes!["audit"]).not.toHaveProperty("verb");
    for (const [name, { wrap }] of Object.entries(envelopes)) {
      const { events, rejected } = through(wrap(event({ verb: "" })));
      expect([name, events.length, rejected]).toEqual([name, 1, []]);
    }
  });

  const sourceOf = (sourceIPs: unknown) => through(event({ sourceIPs })).events[0]!.data["source"];

  it.each([
    ["every element is an address", ["10.0.0.1", "2001:DB8::1", "::ffff:10.0.0.1"]],
    ["it is one address, not in a list", "10.0.0.1"],
  ])("has a source.ip where %s", (_when, sourceIPs) => {
    expect(sourceOf(sourceIPs)).toStrictEqual({ ip: [sourceIPs].flat() });
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
  ])("has no source.ip for sourceIPs %j", (sourceIPs) => {
    expect(sourceOf(sourceIPs)).toBeUndefined();
  });

  it("names each user and address once in related", () => {
    const related = (changes: Data) => through(event(changes)).events[0]!.data["related"];
    expect(related({ user: { username: "a", uid: "a" }, sourceIPs: ["::1", "10.0.0.1", "::1"] })).toStrictEqual({
      user: ["a"],
      ip: ["::1", "10.0.0.1"],
    });
    expect(related({ user: null, sourceIPs: null })).toBeUndefined();
    expect(related({ user: { uid: "7" }, sourceIPs: null })).toStrictEqual({ user: ["7"] });
    expect(related({ user: null, sourceIPs: ["::1"] })).toStrictEqual({ ip: ["::1"] });
  });

  it("has the outcome if the decision is there under its original name", () => {
    const outcome = (wrapped: Data) => (through(wrapped).events[0]!.data["event"] as Data)["outcome"];
    const decided = (decision: string) => event({ annotations: { "authorization.k8s.io/decision": decision } });
    expect(outcome(subscription(decided("allow")))).toBe("success");
    expect(outcome(subscription(decided("forbid")))).toBe("failure");
    expect(outcome(subscription(decided("maybe")))).toBeUndefined();
    expect(outcome({ kubernetes: { audit: decided("forbid") } })).toBe("failure");
    expect(outcome(decided("forbid"))).toBeUndefined();
  });

  it("lacks the metadata of bodies, and nothing else", () => {
    const body = { kind: "Secret", metadata: { name: "x" }, data: { metadata: { a: "1" } } };
    const { events } = through(event({ requestObject: body, responseObject: { metadata: { name: "x" } } }));
    const { audit } = events[0]!.data["kubernetes"] as { audit: Data };
    expect(audit["requestObject"]).toStrictEqual({ kind: "Secret", data: { metadata: { a: "1" } } });
    expect(audit).not.toHaveProperty("responseObject");
  });
});

const hollow = (value: unknown): boolean => {
  if (value === undefined || value === null || value === "") return true;
  if (typeof value !== "object") return false;
  const inner = Object.values(value);
  return inner.length === 0 || inner.some(hollow);
};

it("makes documents without null, empty text, empty lists or empty objects, whatever the event; and changes no input", () => {
  const part = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(
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
      (changes, { wrap }) => {
        const { events, rejected } = through(wrap(event(changes as Data)));
        expect(events.length + rejected.length).toBe(1);
        for (const { data } of events) expect(hollow(data)).toBe(false);
        for (const { reason } of rejected) expect(reason).toBe("field_type_conflict");
      },
    ),
    { numRuns: 500 },
  );
});
