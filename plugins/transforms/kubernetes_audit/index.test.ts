import { hostname } from "node:os";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import type { Data } from "weir";
import { flaws, logRecorder, RecordMeta, runStep, systemClock } from "weir/testing";
import kubernetesAudit from "./index.ts";

const context = { id: "ecs", clock: systemClock, signal: new AbortController().signal, log: logRecorder() };
const through = (data: Data, config: { cluster?: string; host?: string } = {}) =>
  runStep(kubernetesAudit.each({ ...context, config }), [{ data, meta: new RecordMeta("lambda", "s", 0, 1) }]);

const awslogs = (text: string | Buffer): Data => ({
  awslogs: { data: (typeof text === "string" ? gzipSync(text) : text).toString("base64") },
});

it("is well formed", () => expect(flaws(kubernetesAudit)).toEqual([]));

it("unpacks what a Lambda function receives", () => {
  const message = JSON.stringify({ auditID: "a-1", stage: "Panic", verb: "get" });
  const { events } = through(awslogs(JSON.stringify({ logEvents: [{ message }] })));
  expect(events[0]!.meta.id).toMatch(/^a-1\/Panic\/[0-9a-f]{32}$/);
  expect(events[0]!.data["event"]).toMatchObject({ kind: "event", action: "get" });
});

it.each([
  ["is not gzip", Buffer.from("plain"), "not_gzip", /^"awslogs\.data" is not gzip in base64: /],
  ["unpacks to more than 16 MiB", " ".repeat(16 * 1024 * 1024 + 1), "too_large", /unpacks to more than 16777216 bytes/],
  ["holds text", "good morning", "not_json", /^the line "good morning" is neither/],
])("rejects data that %s", (_what, text, reason, message) => {
  const { rejected } = through(awslogs(text));
  expect(rejected).toEqual([expect.objectContaining({ reason, message: expect.stringMatching(message) })]);
});

it("says where a log is from: here, unless the options or the envelope name another machine", () => {
  const from = (record: Data, config = {}) => {
    const { host, orchestrator } = through(record, config).events[0]!.data as { host?: Data; orchestrator: Data };
    return [host, orchestrator["cluster"]];
  };
  const audit = { auditID: "a-1", stage: "ResponseComplete", verb: "get" };
  const message = JSON.stringify(audit);
  const config = { cluster: "production", host: "cp-2" };
  const production = { name: "production" };
  expect(from(audit)).toEqual([{ name: hostname() }, undefined]);
  expect(from({ message })).toEqual([{ name: hostname() }, undefined]);
  expect(from(audit, config)).toEqual([{ name: "cp-2" }, production]);
  // The envelope is that of another machine, which it does not name.
  const cloud = awslogs(JSON.stringify({ logEvents: [{ message }] }));
  expect(from(cloud)).toEqual([undefined, undefined]);
  expect(from(cloud, config)).toEqual([{ name: "cp-2" }, production]);
  // It does.
  const named = { message, "@timestamp": "2026-01-01T00:00:00Z" };
  expect(from({ ...named, host: { name: "cp-3" } }, config)).toEqual([{ name: "cp-3" }, production]);
  expect(from({ ...named, host: "cp-3" }, config)).toEqual(["cp-3", production]);
  expect(through({ ...named, "host.name": "cp-3" }, config).events[0]!.data).not.toHaveProperty("host");
  const cluster = { orchestrator: { cluster: { name: "test" } } };
  expect(from({ ...named, ...cluster }, config)).toEqual([{ name: "cp-2" }, { name: "test" }]);
});

it("does not take what weir adds to a line for what an envelope says about its host", () => {
  const audit = { auditID: "a-1", stage: "ResponseComplete", verb: "get" };
  const read = {
    message: JSON.stringify(audit),
    host: { name: "edge-1" },
    event: { ingested: "2026-01-01T00:00:00.000Z" },
  };
  const deployment = { host: "edge-1", cluster: "prod", version: "1.0.0" };
  const of = (config: Data) => {
    const step = kubernetesAudit.each({ ...context, config, deployment });
    return runStep(step, [{ data: read, meta: new RecordMeta("log", "s", 0, 1) }]).events[0]!.data;
  };
  expect(of({})).toMatchObject({ host: { name: "edge-1" }, orchestrator: { cluster: { name: "prod" } } });
  expect(of({ host: "cp-2", cluster: "own" })).toMatchObject({
    host: { name: "cp-2" },
    orchestrator: { cluster: { name: "own" } },
  });
});

it.each([undefined, {}, 1])("reads a pair of OpenTelemetry whose key is %j under the empty name", (key) => {
  const values = [
    { key, value: { stringValue: "x" } },
    { key: "auditID", value: { stringValue: "a-1" } },
  ];
  const body = { kvlistValue: { values } };
  const { rejected } = through({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body }] }] }] });
  expect(rejected.map(({ message }) => message)).toEqual([expect.stringContaining('found the keys "", "auditID"')]);
});

it("gives a Cloud Audit entry without an insertId an id of its content alone", () => {
  const entry = { protoPayload: { "@type": "type.googleapis.com/google.cloud.audit.AuditLog", serviceName: "k8s.io" } };
  const { events } = through({ ...entry, resource: { type: "k8s_cluster" } });
  expect(events.map(({ meta }) => meta.id)).toEqual([expect.stringMatching(/^\/\/[0-9a-f]{32}$/)]);
});
