import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { logRecorder, systemClock } from "weir/testing";
import { KnownPod } from "./known-pod.ts";
import { Pods } from "./pods.ts";

const podsWith = (sleep: typeof systemClock.sleep) => {
  const log = logRecorder();
  const clock: typeof systemClock = { ...systemClock, sleep };
  const { signal } = new AbortController();
  return { log, pods: new Pods({ wait: 1, node: "n1", clock, signal, log, refused: () => undefined }) };
};

const logOf = (uid: string) => `/var/log/pods/shop_pod_${uid}/app/0.log`;

it("waits for a new pod, however many were never known", async () => {
  const { pods } = podsWith(async () => undefined);
  for (let n = 0; n < 10_000; n++) expect(pods.holds(logOf(`u${n}`))).toBe(true);
  expect(pods.holds(logOf("too-many"))).toBe(false);
  await turn();
  expect(pods.holds(logOf("u1"))).toBe(false);
  expect(pods.holds(logOf("new"))).toBe(true);
});

it("names the pod that has too many labels", () => {
  const { pods, log } = podsWith(systemClock.sleep);
  const metadata = { uid: "u", namespace: "shop", name: "web", labels: { a: "x".repeat(20_000) } };
  pods.put(KnownPod.from({ metadata }, { labels: () => true, annotations: () => true })!);
  expect(log.lines[0]?.message).toMatch(/^the pod shop\/web \(u\) has so many labels/);
});
