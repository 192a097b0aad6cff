import { describe, expect, it } from "vitest";
import { type Event, RecordMeta } from "../event.ts";
import { fingerprint as hash } from "../fingerprint.ts";
import type { Data } from "../json.ts";
import { memoryState } from "../transform/memory-state.ts";
import { runStep } from "../transform/run-step.ts";
import { detect } from "./detect.ts";
import type { NewTermsRule } from "./new-terms/rule-type.ts";
import { toAlert } from "./to-alert.ts";

const rule: NewTermsRule = {
  name: "unusual_reader",
  id: "6f6f2f0b-9b0c-4a7e-8d0f-4d3c2b1a0e44",
  version: 3,
  title: "Vault Read by an Unusual Reader",
  description: "Somebody reads from the vault in a new way.",
  type: "new_terms",
  query: "event.action:read",
  new_terms: { fields: ["source.ip", "user.name"], window: 7 * 86_400_000 },
  timestamp: "event.ingested",
  severity: "high",
  risk_score: 73,
  threat: [
    {
      tactic: { id: "TA0006", name: "Credential Access" },
      techniques: [
        {
          id: "T1555",
          name: "Credentials from Password Stores",
          subtechniques: [{ id: "T1555.006", name: "Cloud Secrets Management Stores" }],
        },
      ],
    },
  ],
  tags: ["Vault"],
  categories: ["Vault"],
  data_source: "vault log",
  created: "2026-01-01",
  author: ["Test"],
  license: "Apache-2.0",
  references: ["https://example.org/vault"],
  false_positives: ["Rotations."],
  note: "Ask the reader.",
  tests: [],
};

const data: Data = {
  "@timestamp": "2026-04-02T09:59:59.5Z",
  data_stream: { type: "logs", dataset: "vault.audit", namespace: "default" },
  event: { action: "read", kind: "event", category: ["iam"], ingested: "2026-04-02T10:00:00.000Z" },
  source: { ip: "192.0.2.7" },
  user: { name: "marta" },
  orchestrator: { resource: { type: "secrets", name: "stripe \u001b[31mkey" }, namespace: "shop" },
  "kibana.alert.status": "closed",
  kibana: { forged: true },
  weir: { forged: true },
};

const event: Event = {
  data,
  meta: new RecordMeta("vault", "log", 42, Date.parse("2026-04-02T10:00:00.250Z"), "vault-42"),
};
const detector = () => detect({ rules: [rule], state: memoryState(), hash }).event;
const alertOf = (of: Event = event) => runStep(detector(), [of]).events[0]!;

describe("an alert", () => {
  it("is the whole event, as a signal, with the fields of Elastic's detection engine", () => {
    const { data, meta } = alertOf();
    expect(meta.id).toMatch(/^[0-9a-f]{32}$/);
    expect(data).toEqual({
      "@timestamp": "2026-04-02T10:00:00.250Z",
      data_stream: { type: "logs", dataset: "vault.audit", namespace: "default" },
      event: { action: "read", kind: "signal", category: ["iam"], ingested: "2026-04-02T10:00:00.000Z" },
      source: { ip: "192.0.2.7" },
      user: { name: "marta" },
      orchestrator: { resource: { type: "secrets", name: "stripe \u001b[31mkey" }, namespace: "shop" },
      "kibana.alert.uuid": meta.id,
      "kibana.alert.status": "active",
      "kibana.alert.workflow_status": "open",
      "kibana.alert.depth": 1,
      "kibana.alert.ancestors": [{ id: "vault-42", type: "event", depth: 0 }],
      "kibana.alert.start": "2026-04-02T10:00:00.250Z",
      "kibana.alert.last_detected": "2026-04-02T10:00:00.250Z",
      "kibana.alert.original_time": "2026-04-02T09:59:59.500Z",
      "kibana.alert.original_event.action": "read",
      "kibana.alert.original_event.kind": "event",
      "kibana.alert.original_event.category": ["iam"],
      "kibana.alert.original_event.ingested": "2026-04-02T10:00:00.000Z",
      "kibana.alert.original_data_stream.type": "logs",
      "kibana.alert.original_data_stream.dataset": "vault.audit",
      "kibana.alert.original_data_stream.namespace": "default",
      "kibana.alert.reason":
        '"marta" from "192.0.2.7" did "read" on "secrets" "stripe \\u001b[31mkey" in namespace "shop" (high: Vault Read by an Unusual Reader). This combination was not seen in the 7 days before. New by itself: source.ip, user.name.',
      "kibana.alert.severity": "high",
      "kibana.alert.risk_score": 73,
      "kibana.alert.new_terms": ["192.0.2.7", "marta"],
      "kibana.alert.rule.uuid": rule.id,
      "kibana.alert.rule.rule_id": rule.id,
      "kibana.alert.rule.name": "Vault Read by an Unusual Reader",
      "kibana.alert.rule.type": "new_terms",
      "kibana.alert.rule.category": "New Terms Rule",
      "kibana.alert.rule.description": "Somebody reads from the vault in a new way.",
      "kibana.alert.rule.severity": "high",
      "kibana.alert.rule.risk_score": 73,
      "kibana.alert.rule.tags": ["Vault"],
      "kibana.alert.rule.threat": [
        {
          framework: "MITRE ATT&CK",
          tactic: { id: "TA0006", name: "Credential Access", reference: "https://attack.mitre.org/tactics/TA0006/" },
          technique: [
            {
              id: "T1555",
              name: "Credentials from Password Stores",
              reference: "https://attack.mitre.org/techniques/T1555/",
              subtechnique: [
                {
                  id: "T1555.006",
                  name: "Cloud Secrets Management Stores",
                  reference: "https://attack.mitre.org/techniques/T1555/006/",
                },
              ],
            },
          ],
        },
      ],
      "kibana.alert.rule.references": ["https://example.org/vault"],
      "kibana.alert.rule.false_positives": ["Rotations."],
      "kibana.alert.rule.note": "Ask the reader.",
      "kibana.alert.rule.author": ["Test"],
      "kibana.alert.rule.license": "Apache-2.0",
      "kibana.alert.rule.version": 3,
      "kibana.alert.rule.timestamp_override": "event.ingested",
      "kibana.alert.rule.parameters": {
        language: "kuery",
        query: "event.action:read",
        new_terms_fields: ["source.ip", "user.name"],
        history_window_start: "now-7d",
      },
      weir: {
        new_terms: {
          event_id: "vault-42",
          at: "2026-04-02T10:00:00.250Z",
          timestamp: "event.ingested",
          window: "7d",
          terms: [
            { field: "source.ip", value: "192.0.2.7", new: true },
            { field: "user.name", value: "marta", new: true },
          ],
        },
      },
    });
  });

  it("says of an audit event when the request was made, as whom, where, and whether it was allowed", () => {
    const audited = (outcome: Data, code: number): Event => ({
      ...event,
      data: {
        ...data,
        event: { ...(data["event"] as Data), ...outcome },
        host: { name: "cp-1" },
        orchestrator: { ...(data["orchestrator"] as Data), cluster: { name: "production" } },
        kubernetes: {
          audit: {
            requestReceivedTimestamp: "2026-04-02T09:58:00.123456Z",
            impersonatedUser: { username: "system:admin" },
            responseStatus: { code },
          },
        },
      },
    });
    const denied = alertOf(audited({}, 403)).data;
    expect(denied["kibana.alert.reason"]).toBe(
      '"marta" as "system:admin" from "192.0.2.7" did "read" on "secrets" "stripe \\u001b[31mkey" in namespace "shop" of cluster "production" on host "cp-1" (high: Vault Read by an Unusual Reader). Request at 2026-04-02T09:58:00.123Z: denied (403). This combination was not seen in the 7 days before. New by itself: source.ip, user.name.',
    );
    expect(denied["event"]).toMatchObject({ outcome: "failure", kind: "signal" });
    // It is not the event's own.
    expect(denied).not.toHaveProperty(["kibana.alert.original_event.outcome"]);
    expect(alertOf(audited({}, 200)).data["event"]).toMatchObject({ outcome: "success" });
    expect(alertOf(audited({ outcome: "success" }, 404)).data).toMatchObject({
      event: { outcome: "success" },
      "kibana.alert.original_event.outcome": "success",
    });
    const dotted = audited({}, 404);
    expect(
      alertOf({ ...dotted, data: { ...dotted.data, "event.outcome": "unknown" } }).data["event"],
    ).not.toHaveProperty("outcome");
  });

  it("names the subresource, and reads Kubernetes' own fields if there are none of ECS", () => {
    const objectRef = { resource: "pods", subresource: "exec", name: "web-0", namespace: "shop" };
    const query = { ...rule, type: "query" } as never;
    const reasonOf = (of: Data) =>
      toAlert({ rule: query, hash, deployment: { host: "a", cluster: "edge", version: "1" } })({ ...event, data: of })
        .data["kibana.alert.reason"];
    expect(reasonOf({ user: { name: "marta" }, kubernetes: { audit: { verb: "create", objectRef } } })).toBe(
      '"marta" did "create" on "pods/exec" "web-0" in namespace "shop" of cluster "edge" (high: Vault Read by an Unusual Reader).',
    );
    expect(
      reasonOf({ orchestrator: { resource: { type: "pods/exec" } }, kubernetes: { audit: { objectRef } } }),
    ).toContain('Somebody on "pods/exec" "web-0" in namespace');
    expect(toAlert({ rule: query, hash })({ ...event, data: { a: 1 } }).data["kibana.alert.reason"]).toBe(
      "Vault Read by an Unusual Reader (high).",
    );
  });

  it("is identical for the same event and history, to the byte", () => {
    const [once, again] = [alertOf(), alertOf()];
    expect([again.meta.id, JSON.stringify(again.data)]).toEqual([once.meta.id, JSON.stringify(once.data)]);
  });

  it("says when a combination was last seen, and which of its terms are known", () => {
    const week = 7 * 86_400_000;
    const at = (after: number, user: string): Event => ({
      data: { ...data, user: { name: user } },
      meta: new RecordMeta("vault", "log", after, event.meta.ingested + after),
    });
    const { events } = runStep(detector(), [at(0, "marta"), at(week, "otto"), at(week + 1, "marta")]);
    expect(events[2]!.data["kibana.alert.reason"]).toContain(
      "This combination was last seen at 2026-04-02T10:00:00.250Z, more than 7 days before. New by itself: user.name (last seen at 2026-04-02T10:00:00.250Z). Known: source.ip (last seen at 2026-04-09T10:00:00.250Z).",
    );
  });

  it("uses the time of ingestion if an event has no readable time", () => {
    const { data: alert } = alertOf({ ...event, data: { ...data, "@timestamp": "noon" } });
    expect(alert["kibana.alert.original_time"]).toBe("2026-04-02T10:00:00.250Z");
  });

  it("does not change the event", () => {
    const before = JSON.stringify(event.data);
    alertOf();
    expect(JSON.stringify(event.data)).toBe(before);
  });

  it("finds an event's fields under dotted keys, too", () => {
    const { data: alert } = alertOf({
      ...event,
      data: { "event.action": "read", "event.kind": "event", "source.ip": "192.0.2.7", "user.name": "marta" },
    });
    expect(alert).toMatchObject({
      event: { kind: "signal" },
      "event.action": "read",
      "kibana.alert.original_event.kind": "event",
    });
    expect(alert).not.toHaveProperty(["event.kind"]);
  });
});

it("an event without weir.new_terms goes to the dead letter, with a message that says what is missing", () => {
  const { events, rejected } = runStep(toAlert({ rule, hash }), [{ ...event, data: { user: { name: "marta" } } }]);
  expect(events).toEqual([]);
  expect(rejected).toMatchObject([
    { reason: "no_new_terms", message: expect.stringContaining("Put a new_terms transform before") },
  ]);
});

describe("where an alert is from", () => {
  const deployment = { host: "edge-1", cluster: "prod", version: "1.2.3" };
  const agent = { type: "weir", name: "edge-1", version: "1.2.3" };
  const made = (more: Data, where = deployment) =>
    toAlert({ rule: { ...rule, type: "query" } as never, hash, deployment: where })({
      ...event,
      data: { ...data, orchestrator: undefined, ...more },
    });

  it("is where weir runs, if the event does not say it", () => {
    expect(made({}).data).toMatchObject({
      host: { name: "edge-1" },
      orchestrator: { cluster: { name: "prod" } },
      agent,
    });
  });

  it("is what the event says, in any form", () => {
    const orchestrator = { resource: { name: "x" }, cluster: { name: "other" } };
    const own = { "host.name": "web", orchestrator, agent: { type: "filebeat" } };
    expect(made(own).data).toMatchObject(own);
    expect(made(own).data).not.toHaveProperty("host");
    expect(made({ host: "web" }).data).toMatchObject({ host: "web", agent });
    expect(made({ "agent.type": "x" }).data).not.toHaveProperty("agent");
    expect(made({ resource: { attributes: { "host.name": "pod-7" } } }).data).toMatchObject({
      host: { name: "pod-7" },
    });
  });

  it("has no part in the id", () => {
    expect(made({}, { ...deployment, host: "edge-2" }).meta.id).toBe(made({}).meta.id);
  });
});
