import { lastValueFrom, of, toArray } from "rxjs";
import { expect, it } from "vitest";
import { loadPipelineFile } from "../src/cli/load-file.ts";
import { Batch, type Data, memoryState, RecordMeta, systemClock, type Transform } from "../src/index.ts";

const quiet = () => undefined;

/** A pipeline file's transforms, one after the other: data of events in, id and text of alerts out. */
const transformsOf = async (file: string) => {
  const loaded = await loadPipelineFile(file);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  const operators = loaded.value.topology.components.flatMap(({ id, kind, plugin, config }) => {
    if (kind !== "transform") return [];
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const context = {
      id,
      config: config as never,
      clock: systemClock,
      signal: new AbortController().signal,
      log,
      state: memoryState(),
    };
    return [(plugin as Transform).create(context)];
  });
  return async (batches: readonly Batch[]) => {
    let flowing = of(...batches);
    for (const operator of operators) flowing = flowing.pipe(operator);
    const out = await lastValueFrom(flowing.pipe(toArray()));
    return out.map(({ events }) => events.map(({ data, meta }) => `${meta.id} ${JSON.stringify(data)}`));
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
  const batches = [new Batch(events.slice(0, 7)), new Batch(events.slice(7, 10)), new Batch(events.slice(10))];

  const whole = await (await transformsOf("pipelines/kubernetes-secret-access.yaml"))(batches);
  const small = await (await transformsOf("examples/small-transforms.yaml"))(batches);
  expect(small).toEqual(whole);
  // A week and five seconds later, what was seen again late in the first round is still known.
  expect(whole.map((alerts) => alerts.length)).toEqual([3, 1, 3]);
});
