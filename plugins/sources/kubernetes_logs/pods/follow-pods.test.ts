import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it, onTestFinished, vi } from "vitest";
import { logRecorder, systemClock } from "weir/testing";
import { FakeApiServer, type FakePod, type Fault } from "../../../../test/kubernetes/fake-api-server.ts";
import { followPods } from "./follow-pods.ts";
import { Pods } from "./pods.ts";

const podOf = (uid: string, labels: Readonly<Record<string, string>>, nodeName = "n1"): FakePod => ({
  metadata: { uid, name: `pod-${uid}`, namespace: "shop", labels },
  spec: { nodeName },
});

const logPath = (uid: string) => `/var/log/pods/shop_pod-${uid}_${uid}/app/0.log`;

/** Follows the pods of the node n1 until the test is over. */
const follow = (url: string, tokenFile?: string) => {
  const stop = new AbortController();
  const log = logRecorder();
  const refusals: string[] = [];
  const waits: number[] = [];
  const clock: typeof systemClock = {
    ...systemClock,
    sleep: (ms, signal) => {
      if (ms !== config.wait) waits.push(ms);
      return systemClock.sleep(ms, signal);
    },
  };
  const context = {
    clock,
    signal: stop.signal,
    log,
    refused: (reason: string) => void refusals.push(reason),
  };
  const config = {
    ...{ node: "n1", labels: ["*"], annotations: [], wait: 10, tls: {}, backoff: { initial: 1, max: 4 } },
    server: url,

    ...(tokenFile !== undefined && { token_file: tokenFile }),
  };
  const pods = new Pods({ ...config, ...context });
  const following = followPods({ url, tokenFile, tls: {} }, pods, { config, ...context });
  const end = async () => {
    stop.abort();
    await following;
  };
  onTestFinished(end);
  return { pods, log, refusals, waits, end, labels: (uid: string) => labelsOf(pods, uid) };
};

const labelsOf = (pods: Pods, uid: string): unknown =>
  (pods.fieldsOf(logPath(uid))["kubernetes"] as { readonly labels?: unknown }).labels;

it("knows the pods of its node, and no others", async () => {
  const server = await FakeApiServer.start();
  server.put(podOf("a", { "app.kubernetes.io/name": "web" }));
  server.put(podOf("b", { app: "db" }, "n2"));
  const { labels } = follow(server.url);
  await vi.waitFor(() => expect(labels("a")).toEqual({ "app_kubernetes_io/name": "web" }));
  await vi.waitFor(() => expect(server.watches).toBe(1));
  server.put(podOf("c", { app: "cart" }));
  server.put(podOf("a", { app: "other" }));
  await vi.waitFor(() =>
    expect([labels("a"), labels("b"), labels("c")]).toEqual([{ app: "other" }, undefined, { app: "cart" }]),
  );
  const [list, watch] = server.requests.map(({ searchParams }) => Object.fromEntries(searchParams));
  expect(list).toEqual({ fieldSelector: "spec.nodeName=n1", resourceVersion: "0" });
  expect(watch).toMatchObject({
    fieldSelector: "spec.nodeName=n1",
    watch: "1",
    allowWatchBookmarks: "true",
    resourceVersion: "102",
  });
});

it("goes on where a watch ended, lists again when that is too old, and knows deleted pods for a while", async () => {
  const server = await FakeApiServer.start();
  server.put(podOf("a", { app: "web" }));
  const { labels, log, refusals } = follow(server.url);
  await vi.waitFor(() => expect(server.watches).toBe(1));
  server.bookmark();
  server.endWatches("half line");
  await vi.waitFor(() => expect(server.watches).toBe(1));
  // From the bookmark on, without a list.
  expect(server.requests.map(({ searchParams }) => searchParams.get("resourceVersion"))).toEqual(["0", "101", "102"]);
  server.endWatches("ended");
  server.delete("a");
  server.put(podOf("b", { app: "db" }));
  server.compact();
  await vi.waitFor(() => expect([labels("a"), labels("b")]).toEqual([{ app: "web" }, { app: "db" }]));
  await vi.waitFor(() => expect(server.watches).toBe(1));
  expect(server.requests.filter(({ searchParams }) => !searchParams.has("watch"))).toHaveLength(2);
  expect(new Set(refusals)).toEqual(new Set(["no_answer", "http_410"]));
  expect(log.lines.filter(({ level }) => level === "warn")).toEqual([]);
});

it("reads its token again, and says what is wrong once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weir-token-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tokenFile = join(folder, "token");
  const server = await FakeApiServer.start();
  server.put(podOf("a", { app: "web" }));
  server.token = "second";
  const { labels, log, refusals } = follow(server.url, tokenFile);
  await vi.waitFor(() => expect(refusals).toContain("no_token"));
  writeFileSync(tokenFile, "first\n");
  await vi.waitFor(() => expect(refusals).toContain("http_401"));
  writeFileSync(tokenFile, "second\n");
  await vi.waitFor(() => expect(labels("a")).toEqual({ app: "web" }));
  await vi.waitFor(() => expect(server.watches).toBe(1));
  server.bookmark();
  await vi.waitFor(() => expect(log.lines.at(-1)?.message).toMatch(/answers again/));
  const said = log.lines.filter(({ level }) => level !== "debug").map(({ message }) => message);
  expect(said).toEqual([
    expect.stringMatching(
      /^cannot follow the pods of the node "n1": cannot read ".*token", the file with the token: ENOENT.*; trying again in \d+ ms$/,
    ),
    "the API server answers again; pods are up to date",
  ]);
});

it.each<Fault>(["403", "no JSON", "closed"])(
  "waits longer and longer while it can list but not watch: %s",
  async (fault) => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    onTestFinished(() => void vi.restoreAllMocks());
    const server = await FakeApiServer.start();
    server.put(podOf("a", { app: "web" }));
    server.watchFault = fault;
    const { labels, log, waits } = follow(server.url);
    await vi.waitFor(() => expect(waits.length).toBeGreaterThan(4));
    expect(labels("a")).toEqual({ app: "web" });
    expect(waits.slice(0, 5)).toEqual([1, 2, 4, 4, 4]);
    const said = log.lines.filter(({ level }) => level !== "debug").map(({ message }) => message);
    expect(said).toEqual(fault === "closed" ? [] : [expect.stringMatching(/^cannot follow the pods/)]);
    server.watchFault = undefined;
    await vi.waitFor(() => expect(server.watches).toBe(1));
    server.put(podOf("a", { app: "other" }));
    await vi.waitFor(() => expect(labels("a")).toEqual({ app: "other" }));
  },
);

it("counts no code of an error that is not one of HTTP", async () => {
  const server = await FakeApiServer.start();
  server.watchFault = "odd code";
  const { refusals } = follow(server.url);
  await vi.waitFor(() => expect(refusals).toContain("http_500"));
  expect(new Set(refusals)).toEqual(new Set(["http_500"]));
});

it.each<Fault>(["429", "500"])("watches again, without a list, after %s", async (fault) => {
  const server = await FakeApiServer.start();
  server.put(podOf("a", { app: "web" }));
  const { labels } = follow(server.url);
  await vi.waitFor(() => expect(server.watches).toBe(1));
  server.faults.push(fault, fault);
  server.endWatches("ended");
  server.put(podOf("b", { app: "db" }));
  await vi.waitFor(() => expect(labels("b")).toEqual({ app: "db" }));
  expect(server.faults).toEqual([]);
  expect(server.requests.filter(({ searchParams }) => !searchParams.has("watch"))).toHaveLength(1);
});

it("knows what a plain list of the pods says, whatever goes wrong on the way", { timeout: 60_000 }, async () => {
  const uid = fc.constantFrom("a", "b", "c", "d");
  const fault = fc.constantFrom<Fault>(
    ...([
      "500",
      "429",
      "no answer",
      "cut list",
      "half line",
      "closed",
      "no JSON",
      "expired",
      "gone",
      "error event",
    ] as const),
  );
  const step = fc.oneof(
    fc.record({ put: uid, app: fc.constantFrom("x", "y", "z") }),
    fc.record({ delete: uid }),
    fc.record({ end: fc.constantFrom("ended", "half line", "no JSON", "expired" as const) }),
    fc.constantFrom("compact", "bookmark", "rest"),
    fc.record({ faults: fc.array(fault, { maxLength: 4 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const server = await FakeApiServer.start();
      const model = new Map<string, unknown>();
      const { labels, end } = follow(server.url);
      for (const step of steps) {
        if (step === "rest") await systemClock.sleep(2);
        else if (step === "compact") server.compact();
        else if (step === "bookmark") server.bookmark();
        else if ("put" in step) {
          server.put(podOf(step.put, { app: step.app }));
          model.set(step.put, { app: step.app });
        } else if ("delete" in step) {
          if (model.delete(step.delete)) server.delete(step.delete);
        } else if ("end" in step) server.endWatches(step.end);
        else server.faults.push(...step.faults);
      }
      await vi.waitFor(
        () =>
          expect(Object.fromEntries([...model.keys()].map((uid) => [uid, labels(uid)]))).toEqual(
            Object.fromEntries(model),
          ),
        { timeout: 5000 },
      );
      await end();
    }),
    { numRuns: 40 },
  );
});
