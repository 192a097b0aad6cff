import { describe, expect, it } from "vitest";
import type { Data } from "../json.ts";
import { requestOf } from "./request.ts";

const audit = (members: Data): Data => ({ kubernetes: { audit: members } });
const decided = (decision: string) => ({ annotations: { "authorization_k8s_io/decision": decision } });
const answered = (code: unknown) => ({ stage: "ResponseComplete", responseStatus: { code } });

describe("the result of a request", () => {
  it.each<[what: string, members: Data, result: string | undefined, outcome: string | undefined]>([
    ["a read", { ...answered(200), ...decided("allow") }, "allowed (200)", "success"],
    ["an exec", { ...answered(101), stage: "ResponseStarted", ...decided("allow") }, "allowed (101)", "success"],
    ["a redirect", answered(302), "allowed (302)", "success"],
    ["a status as text, as in the legacy format", answered("201"), "allowed (201)", "success"],
    ["RBAC says no", { ...answered(403), ...decided("forbid") }, "denied (403)", "failure"],
    ["admission says no", { ...answered(403), ...decided("allow") }, "denied (403)", "failure"],
    ["a token is wrong", { ...answered(401), stage: "ResponseStarted" }, "denied (401)", "failure"],
    ["no such Secret", { ...answered(404), ...decided("allow") }, "allowed, but failed (404)", "failure"],
    ["a conflict", { ...answered(409), ...decided("allow") }, "allowed, but failed (409)", "failure"],
    ["too many requests, before authorization", answered(429), "failed (429)", "failure"],
    ["a panic", { ...answered(500), stage: "Panic", ...decided("allow") }, "allowed, but failed (500)", "failure"],
    ["a panic without a status", { stage: "Panic" }, undefined, undefined],
    ["no answer yet", { stage: "RequestReceived" }, "not answered yet", undefined],
    ["no status, only the decision", { stage: "Panic", ...decided("forbid") }, "denied", "failure"],
    ["no status, only that it is allowed", decided("allow"), "allowed", undefined],
    ["0, which stands for no status", { ...answered(0), ...decided("allow") }, "allowed", undefined],
    ["a code of gRPC, in GKE's entries", { ...answered(7), ...decided("forbid") }, "denied", "failure"],
    ["a status that is none", { ...answered("200 OK") }, undefined, undefined],
    ["nothing", {}, undefined, undefined],
  ])("%s", (_what, members, result, outcome) => {
    const { result: told, outcome: set } = requestOf(audit(members));
    expect([told, set]).toEqual([result, outcome]);
  });
});

describe("the time of a request", () => {
  const [early, late] = ["2026-11-28T23:22:35.717742Z", "2026-11-28T23:22:36.000001Z"];
  it.each<[what: string, members: Data, at: string | undefined]>([
    ["is when the API server received it", { requestReceivedTimestamp: early, stageTimestamp: late }, early],
    ["is that of the stage if it is the only one", { stageTimestamp: late }, late],
    ["is not when an entry of GKE arrived", { requestReceivedTimestamp: late, stageTimestamp: early }, early],
    ["is left out if it cannot be read", { requestReceivedTimestamp: "noon", stageTimestamp: null }, undefined],
  ])("%s", (_what, members, at) => {
    expect(requestOf(audit(members)).at).toBe(at && new Date(at).toISOString());
  });
});

it("knows as whom a request was made, and where", () => {
  const { kubernetes } = audit({ impersonatedUser: { username: "root" } });
  expect(
    requestOf({ kubernetes, host: { name: "cp-1" }, orchestrator: { cluster: { name: "production" } } }),
  ).toStrictEqual({ as: "root", host: "cp-1", cluster: "production" });
  expect(requestOf({ host: "cp-2", "orchestrator.cluster.name": "test" })).toStrictEqual({
    host: "cp-2",
    cluster: "test",
  });
});

it.each([
  ["EKS", { aws: { cloudwatch: { log_group: "/aws/eks/shop-eu/cluster" } } }, "shop-eu"],
  ["AKS", audit({ aks_metadata: { resource_id: "/SUBSCRIPTIONS/1/PROVIDERS/X/MANAGEDCLUSTERS/SHOP" } }), "SHOP"],
  ["OpenTelemetry", { resource: { attributes: { "k8s.cluster.name": "shop" } } }, "shop"],
  ["another log group", { aws: { cloudwatch: { log_group: "/aws/lambda/shop" } } }, undefined],
  [
    "a name that the pipeline gives",
    { aws: { cloudwatch: { log_group: "/aws/eks/a/cluster" } }, orchestrator: { cluster: { name: "b" } } },
    "b",
  ],
])("knows the name of a cluster from %s", (_where, data, name) => {
  expect(requestOf(data).cluster).toBe(name);
});

it("knows nothing of other events", () => {
  expect(requestOf({ event: { outcome: "failure" }, http: { response: { status_code: 403 } } })).toStrictEqual({});
});
