import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Data } from "weir";
import { toAlert } from "weir/detection";
import { RecordMeta, runStep } from "weir/testing";
import { fingerprint } from "../../src/fingerprint.ts";
import { loadRule } from "../../src/rules/load.ts";
import ocsf from "./ocsf.ts";

const meta = new RecordMeta("s", "t", 1, Date.UTC(2026, 0, 1));
const written = (data: Data) => runStep(ocsf.each(), [{ data, meta }]);

const schema = JSON.parse(readFileSync("schema/ocsf-detection-finding.json", "utf8"));
const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }).compile(schema);
const problemsOf = (data: unknown): unknown => (validate(JSON.parse(JSON.stringify(data))) ? [] : validate.errors);

const file = "plugins/rules/kubernetes_ephemeral_container.yaml";
const loaded = loadRule(readFileSync(file, "utf8"), { file, name: "kubernetes_ephemeral_container" });
if (!loaded.ok) throw new Error("the rule does not load");
const alert = toAlert({
  rule: loaded.value,
  hash: fingerprint,
  deployment: { host: "node-1", version: "1.2.3" } as never,
});
const alertAbout = (data: Data): Data => alert({ data, meta }).data;

const request = {
  "@timestamp": "2025-12-31T23:59:59.000Z",
  data_stream: { dataset: "kubernetes.audit_logs" },
  event: { action: "patch" },
  user: { name: "marta", id: "u-1" },
  user_agent: { original: "kubectl/v1.34.2" },
  source: { ip: ["10.8.3.21", "10.0.0.1"] },
  orchestrator: { cluster: { name: "production" }, namespace: "shop", resource: { type: "pods", name: "web-0" } },
  kubernetes: { audit: { auditID: "a-1", user: { groups: ["dev"] }, responseStatus: { code: 200 } } },
};

it("writes an alert as a Detection Finding", () => {
  const about = alertAbout(request);
  const { data } = written(about).events[0]!;
  expect(problemsOf(data)).toEqual([]);
  expect(data).toMatchObject({
    category_uid: 2,
    class_uid: 2004,
    activity_id: 1,
    type_uid: 200401,
    time: Date.UTC(2026, 0, 1),
    start_time: Date.UTC(2025, 11, 31, 23, 59, 59),
    severity_id: 3,
    severity: "Medium",
    status_id: 1,
    is_alert: true,
    risk_score: 47,
    message: about["kibana.alert.reason"],
    metadata: { version: "1.5.0", product: { name: "weir", vendor_name: "weir", version: "1.2.3" } },
    finding_info: {
      uid: about["kibana.alert.uuid"],
      title: "Kubernetes Container Added to a Running Pod",
      analytic: { type_id: 1, uid: loaded.value.id, version: "1", category: "query" },
      attacks: [
        { tactic: { uid: "TA0002", name: "Execution" }, technique: { uid: "T1609" } },
        { tactic: { uid: "TA0002", name: "Execution" }, technique: { uid: "T1610" } },
      ],
      data_sources: ["kubernetes.audit_logs"],
      related_events: [{ uid: meta.id }],
    },
    evidences: [
      {
        actor: { user: { name: "marta", uid: "u-1", groups: [{ name: "dev" }] } },
        api: { operation: "patch", request: { uid: "a-1" }, response: { code: 200 } },
        src_endpoint: { ip: "10.8.3.21", intermediate_ips: ["10.0.0.1"] },
        http_request: { user_agent: "kubectl/v1.34.2" },
      },
    ],
    resources: [{ name: "web-0", type: "pods", namespace: "shop" }],
    unmapped: { "orchestrator.cluster.name": "production" },
  });
  expect(data).not.toHaveProperty("kubernetes");
});

it("names a subtechnique with its technique", () => {
  const threat = [
    {
      tactic: { id: "TA0006", name: "Credential Access" },
      technique: [{ id: "T1552", name: "a", subtechnique: [{ id: "T1552.007", name: "b" }] }],
    },
    { tactic: { id: "TA0001", name: "Initial Access" }, technique: [] },
  ];
  const { data } = written({ ...alertAbout(request), "kibana.alert.rule.threat": threat }).events[0]!;
  expect((data["finding_info"] as Data)["attacks"]).toEqual([
    {
      tactic: { uid: "TA0006", name: "Credential Access" },
      technique: { uid: "T1552", name: "a" },
      sub_technique: { uid: "T1552.007", name: "b" },
    },
    { tactic: { uid: "TA0001", name: "Initial Access" } },
  ]);
});

it("says as whom the request was made, with what result, and on which subresource", () => {
  const objectRef = { resource: "pods", subresource: "exec" };
  const audit = { auditID: "a-1", impersonatedUser: { username: "root" }, responseStatus: { code: 403 }, objectRef };
  const { data } = written(alertAbout({ ...request, orchestrator: undefined, kubernetes: { audit } })).events[0]!;
  expect(problemsOf(data)).toEqual([]);
  expect(data).toMatchObject({
    evidences: [{ actor: { user: { name: "marta" } }, user: { name: "root" }, api: { response: { code: 403 } } }],
    resources: [{ type: "pods/exec" }],
    unmapped: { "event.outcome": "failure" },
  });
});

it("says when the first of several events was", () => {
  const times = (data: Data) =>
    written({ ...alertAbout(request), ...data }).events.map(({ data }) => data["start_time"]);
  const at = "2025-12-31T20:00:00.000Z";
  expect(times({ "kibana.alert.threshold_result": { from: at } })).toEqual([Date.parse(at)]);
  const events = [
    { id: "b", time: "2025-12-31T21:00:00.000Z" },
    { id: "a", time: at },
  ];
  expect(times({ weir: { eql: { events } } })).toEqual([Date.parse(at)]);
});

it("does not change the alert, and describes no other document", () => {
  const about = alertAbout(request);
  const before = JSON.stringify(about);
  const { data } = written(about).events[0]!;
  expect(JSON.stringify(about)).toBe(before);
  for (const name of schema.required) expect(problemsOf({ ...data, [name]: undefined })).not.toEqual([]);
  expect(problemsOf({ ...data, severity_id: 7 })).not.toEqual([]);
  expect(problemsOf({ ...data, evidences: [{ http_request: { user_agent: "x" } }] })).not.toEqual([]);
});

it("rejects an event that is no alert", () => {
  expect(written(request)).toMatchObject({ events: [], rejected: [{ reason: "no_alert" }] });
});

it("has what OCSF requires, whatever the event and whatever was done to the alert", () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom("x", "", "constructor", -1, null, [], {}));
  const key = fc.oneof(fc.constantFrom(...Object.keys(alertAbout(request)), "__proto__"), fc.string());
  const changes = fc.array(fc.tuple(key, value)).map((entries) => Object.fromEntries(entries));
  fc.assert(
    fc.property(changes, (changed) => {
      const { events, rejected } = written({ ...alertAbout(request), ...changed });
      expect(events.length + rejected.length).toBe(1);
      for (const { data } of events) {
        expect(data).toMatchObject({
          class_uid: 2004,
          category_uid: 2,
          type_uid: 200401,
          metadata: { version: "1.5.0" },
        });
        expect(Number.isSafeInteger(data["time"])).toBe(true);
        expect([0, 2, 3, 4, 5]).toContain(data["severity_id"]);
        const { uid, title } = data["finding_info"] as Data;
        expect([typeof uid, typeof title]).toEqual(["string", "string"]);
        expect(JSON.parse(JSON.stringify(data))).toEqual(data);
        expect(problemsOf(data)).toEqual([]);
      }
    }),
  );
});
