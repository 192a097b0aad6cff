import { expect, it } from "vitest";
import { event } from "../kubernetes-audit/events.ts";
import { expectedVerdicts } from "../kubernetes-audit/oracle.ts";
import { unbalancedComponents } from "../runtime/harness.ts";
import { ApiServer } from "./apiserver-client.ts";
import { post } from "./client.ts";
import { came, serve } from "./pipeline.ts";

const detection = {
  ecs: { type: "kubernetes_audit", inputs: ["in"] },
  detect: { type: "detection", inputs: ["ecs"], rules: ["kubernetes_secret_access_unusual_user_agent"] },
};
const webhook = { type: "kubernetes_audit_webhook" };
const listOf = (...items: readonly unknown[]) =>
  JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", metadata: {}, items });

it("two requests under one Audit-ID are both judged", async () => {
  const serving = await serve(webhook, { transforms: detection });
  const auditID = "chosen-by-the-client";
  const first = event({ auditID });
  const second = event({ auditID, user: { username: "mallory" } });
  expect((await post(`${serving.url}/any/path?timeout=30s`, listOf(first))).status).toBe(200);
  expect((await post(serving.url, listOf(second))).status).toBe(200);
  const combinations = expectedVerdicts([first, second]).flat();
  await came(serving, combinations.length);
  const found = serving.kept.map(({ data }) => JSON.stringify(data["kibana.alert.new_terms"]));
  expect(found.sort()).toEqual([...combinations].sort());
  expect(new Set(serving.kept.map(({ id }) => id)).size).toBe(combinations.length);
});

it("a batch that is sent again alerts once", async () => {
  const serving = await serve(webhook, { transforms: detection });
  const batch = listOf(event(), event({ userAgent: "lantern/2" }));
  for (let sent = 0; sent < 3; sent++) expect((await post(serving.url, batch, { type: "" })).status).toBe(200);
  const last = event({ userAgent: "last/1" });
  await post(serving.url, listOf(last));
  const combinations = expectedVerdicts([event(), event({ userAgent: "lantern/2" }), last]).flat();
  await came(serving, combinations.length);
  const found = serving.kept.map(({ data }) => JSON.stringify(data["kibana.alert.new_terms"]));
  expect(found.sort()).toEqual([...combinations].sort());
  expect(unbalancedComponents(serving.runtime.stats())).toEqual({});
});

it("an API server that gets 429 tries again, and loses nothing", async () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const write = () => opened;
  const serving = await serve(webhook, { sink: { buffer: { max_size: "64KiB" } }, budget: 64 * 1024, write });
  const client = new ApiServer({ url: serving.url, speed: 50, random: () => 0.5 });
  const count = 4_000;
  for (let number = 0; number < count; number++) client.add(JSON.stringify(event({ auditID: `ring-${number}` })));
  const flushed = client.flush();
  await expect.poll(() => serving.log.some((line) => line.includes("refused a request with 429"))).toBe(true);
  open();
  await flushed;
  client.close();
  expect({ dropped: client.dropped, taken: client.taken.length }).toEqual({ dropped: 0, taken: count });
  await came(serving, count);
  expect(new Set(serving.kept.map(({ data }) => data["auditID"])).size).toBe(count);
});
