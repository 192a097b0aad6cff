import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { pipelineFile, readLines, root, runWeir, temporaryFolder } from "./weir.ts";

const line = (changes: Record<string, unknown>): string =>
  JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "Metadata",
    auditID: `id-${changes["userAgent"]}`,
    stage: "ResponseComplete",
    verb: "list",
    user: { username: "ada", groups: ["system:authenticated"] },
    sourceIPs: ["192.0.2.7"],
    objectRef: { resource: "secrets", namespace: "orchard", apiVersion: "v1" },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: "2026-05-06T07:08:09.000001Z",
    stageTimestamp: "2026-05-06T07:08:10.000002Z",
    annotations: { "authorization.k8s.io/decision": "allow" },
    ...changes,
  });

/** Runs the shipped pipeline on lines, from beginning to end. */
const shipped = async (lines: readonly string[], change: (pipeline: ReturnType<typeof parse>) => void = () => {}) => {
  const folder = temporaryFolder();
  const [log, alerts] = [join(folder, "audit.log"), join(folder, "alerts.ndjson")];
  writeFileSync(log, `${lines.join("\n")}\n`);
  const pipeline = parse(readFileSync(join(root, "pipelines/kubernetes-secret-access.yaml"), "utf8"));
  Object.assign(pipeline.sources.audit, { include: [log], follow: false });
  pipeline.sinks.alerts.path = alerts;
  change(pipeline);
  const { code, out } = await runWeir(["run", pipelineFile(folder, pipeline), "--data-dir", join(folder, "data")]);
  expect(code).toBe(0);
  return { cards: out.split("▲ ").slice(1), alerts: readLines(alerts) };
};

it("alerts say whether a request was allowed, when, as whom, and where", async () => {
  const forbidden = { responseStatus: { code: 403, status: "Failure" }, annotations: decision("forbid") };
  const { cards, alerts } = await shipped(
    [
      line({ userAgent: "denied", ...forbidden }),
      line({ userAgent: "allowed", impersonatedUser: { username: "system:admin" } }),
      line({ userAgent: "missing", verb: "get", responseStatus: { code: 404 } }),
      line({ userAgent: "early", stage: "RequestReceived", responseStatus: undefined, annotations: undefined }),
    ],
    ({ transforms }) => Object.assign(transforms.ecs, { cluster: "production", host: "cp-1" }),
  );
  expect(cards).toHaveLength(4);
  for (const card of cards) {
    expect(card).toMatch(/^2026-05-06T07:08:09\.000Z {2}LOW 21/);
    expect(card).toContain("host cp-1, cluster production\n");
  }
  expect(cards.map((card) => /(?<=\n {4}result\s+)\S.*/.exec(card)?.[0])).toEqual([
    "denied (403)",
    "allowed (200)",
    "allowed, but failed (404)",
    "not answered yet",
  ]);
  expect(cards[1]).toMatch(/\n {4}as {2,}system:admin\n/);
  expect(alerts.map(({ event }) => (event as Record<string, unknown>)["outcome"])).toEqual([
    "failure",
    "success",
    "failure",
    undefined,
  ]);
  expect(alerts[0]!["kibana.alert.reason"]).toContain("Request at 2026-05-06T07:08:09.000Z: denied (403).");
});

const decision = (word: string) => ({ "authorization.k8s.io/decision": word });

it("a watch by itself alerts with the rule that sees it, and not with the other", async () => {
  const watch = { verb: "watch", userAgent: "informer/1" };
  const lines = [line({ ...watch, stage: "ResponseStarted" }), line(watch)];
  expect((await shipped(lines)).alerts).toEqual([]);
  const { alerts } = await shipped(lines, ({ transforms }) => {
    transforms.detect.rules = ["kubernetes_secrets_read_or_watched"];
  });
  expect(alerts.map((alert) => alert["kibana.alert.new_terms"])).toEqual([["192.0.2.7", "ada", "informer/1"]]);
});
