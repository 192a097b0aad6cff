import { expect, it } from "vitest";
import { loadPipelineFile } from "../src/cli/load-file.ts";
import type { Data, Event } from "../src/index.ts";
import { logRecorder, memoryState, RecordMeta, runStep, systemClock } from "../src/testing/index.ts";
import { buildTransform } from "../src/transform/build.ts";
import { clockScheduler } from "../src/transform/scheduler.ts";
import type { Transform } from "../src/transform/transform.ts";

/** A pipeline file's transforms, one after the other: data of events in, id and text of alerts out. */
const transformsOf = async (file: string) => {
  const loaded = await loadPipelineFile(file);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  const steps = loaded.value.topology.components.flatMap(({ id, kind, plugin, config }) => {
    if (kind !== "transform") return [];
    const { signal } = new AbortController();
    const context = { id, config: config as never, clock: systemClock, signal, log: logRecorder() };
    const scheduler = () => clockScheduler(systemClock);
    const built = buildTransform(plugin as Transform, context, { state: memoryState, scheduler });
    if (built.shape === "create" || "bulk" in built.step) throw new Error(`"${id}" is not one step`);
    return [typeof built.step === "function" ? built.step : built.step.event];
  });
  return (events: readonly Event[]) => {
    let flowing = events;
    for (const step of steps) flowing = runStep(step, flowing).events;
    return flowing.map(({ data, meta }) => `${meta.id} ${JSON.stringify(data)}`);
  };
};

const request = (index: number, changes: Data): Data => ({
  kind: "Event",
  apiVersion: "audit.k8s.io/v1",
  level: "Metadata",
  auditID: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
  stage: "ResponseComplete",
  requestURI: "/api/v1/namespaces/shop/secrets/stripe-key",
  verb: "get",
  user: { username: "system:serviceaccount:shop:cart" },
  sourceIPs: ["10.8.3.21"],
  userAgent: "cart/1.4.2 (linux/amd64)",
  objectRef: { resource: "secrets", namespace: "shop", name: "stripe-key", apiVersion: "v1" },
  stageTimestamp: "2026-04-02T10:00:00.000000Z",
  ...changes,
});

it("examples/small-transforms.yaml gives the very alerts of pipelines/kubernetes-secret-access.yaml", async () => {
  const requests = [
    {},
    {},
    { userAgent: "curl/8.9.1" },
    { verb: "list", sourceIPs: ["203.0.113.9", "10.8.3.21"] },
    { verb: "watch", userAgent: "kubectl/v1.33.0" },
    { userAgent: "agent/v0.0.0 (linux/amd64) kubernetes/$Format" },
    { userAgent: undefined },
    { user: { username: "marta" }, userAgent: "curl/8.9.1" },
    { objectRef: { resource: "configmaps", namespace: "shop", name: "settings" }, userAgent: "wget" },
    { userAgent: "cart/1.4.2 (linux/amd64)", sourceIPs: ["::ffff:10.8.3.21"] },
  ].map((changes, index) => request(index, changes));
  const week = 7 * 86_400_000;
  const stamps = requests
    .map((_, index) => Date.UTC(2026, 3, 2) + index * 1000)
    .concat(requests.map((_, index) => Date.UTC(2026, 3, 2) + week + 5000 + index * 1000));
  const events = [...requests, ...requests].map((data, index) => ({
    data: JSON.parse(JSON.stringify(data)) as Data,
    meta: new RecordMeta("audit", "log", index * 100, stamps[index]!),
  }));
  const parts = [events.slice(0, 7), events.slice(7, 10), events.slice(10)];

  const whole = parts.map(await transformsOf("pipelines/kubernetes-secret-access.yaml"));
  const small = parts.map(await transformsOf("examples/small-transforms.yaml"));
  expect(small).toEqual(whole);
  // A week and five seconds later, what was seen again late in the first round is still known.
  expect(whole.map((alerts) => alerts.length)).toEqual([3, 1, 3]);
});
