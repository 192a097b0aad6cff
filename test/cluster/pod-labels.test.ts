import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, it } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { pipelineFile, readLines, readLinesSoFar, readStats, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { Cluster } from "./cluster.ts";
import { makeIdentities } from "./identities.ts";
import { manifestsIn, pathFor } from "./manifests.ts";
import { buildPrograms, type Programs, reasonToSkip } from "./programs.ts";

// A real API server tells the labels of the pods whose logs weir reads, as the manifests in deploy/ let it.

const skipped = reasonToSkip();
let programs: Programs;
beforeAll(async () => {
  if (!skipped) programs = await buildPrograms();
});

const account = "weir-pod-logs";

/** A cluster with pods that have logs in a folder, as a kubelet writes them. */
const start = async () => {
  const folder = temporaryFolder();
  const identities = makeIdentities(folder);
  const audit = { log: join(folder, "audit.log"), webhook: "http://127.0.0.1:9/" };
  const cluster = await Cluster.start(folder, programs, identities, audit);
  const ask = async (method: string, path: string, body?: object, type = "application/json") => {
    const sent = { headers: { "Content-Type": type }, ...(body && { body: JSON.stringify(body) }) };
    const answer = await cluster.client.send({ method, path, who: identities.admin, ...sent });
    const { status = 0, body: text = "{}" } = answer ?? {};
    expect(status, text).toBeLessThan(300);
    // biome-ignore lint/suspicious/noExplicitAny: objects of Kubernetes.
    return JSON.parse(text) as any;
  };
  const logs = join(folder, "pods");
  mkdirSync(logs);
  const uids = new Map<string, string>();
  const pods = "/api/v1/namespaces/shop/pods";
  return {
    folder,
    logs,
    identities,
    cluster,
    ask,
    /** Lets the account of the manifests read pods, and writes a token of it. */
    allow: async () => {
      for (const manifest of manifestsIn("kustomize/pod-logs/weir.yaml"))
        if (/^ClusterRole/.test(manifest.kind)) await ask("POST", pathFor(manifest.kind, account), manifest);
    },
    token: async (path: string) => {
      const request = {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { expirationSeconds: 7200 },
      };
      const { status } = await ask("POST", `/api/v1/namespaces/${account}/serviceaccounts/${account}/token`, request);
      writeFileSync(path, `${status.token}\n`);
    },
    create: async (name: string, labels: object, { node = "n1", annotations = {} } = {}) => {
      const spec = { nodeName: node, containers: [{ name: "app", image: `example.org/${name}:1` }] };
      const pod = { apiVersion: "v1", kind: "Pod", metadata: { name, labels, annotations }, spec };
      const { metadata } = await ask("POST", pods, pod);
      uids.set(name, metadata.uid);
    },
    relabel: (name: string, labels: object) =>
      ask("PATCH", `${pods}/${name}`, { metadata: { labels } }, "application/merge-patch+json"),
    /** The kubelet does this when a container has started. */
    run: (name: string, containerID: string, podIP: string) =>
      ask(
        "PATCH",
        `${pods}/${name}/status`,
        {
          status: {
            podIP,
            containerStatuses: [{ name: "app", image: "x", imageID: "x", ready: true, restartCount: 0, containerID }],
          },
        },
        "application/strategic-merge-patch+json",
      ),
    remove: (name: string) => ask("DELETE", `${pods}/${name}?gracePeriodSeconds=0`),
    write: (name: string, text: string, uid = uids.get(name)) => {
      const container = join(logs, `shop_${name}_${uid}`, "app");
      mkdirSync(container, { recursive: true });
      appendFileSync(join(container, "0.log"), `${new Date().toISOString()} stdout F ${text}\n`);
    },
  };
};

it.skipIf(skipped)("a real API server names the labels of pods, as they are and change", async () => {
  const { folder, logs, identities, cluster, ask, allow, token, create, relabel, run, remove, write } = await start();
  for (const name of ["shop", account]) await ask("POST", "/api/v1/namespaces", { metadata: { name } });
  await ask("POST", "/api/v1/namespaces/shop/serviceaccounts", { metadata: { name: "default" } });
  await ask("POST", `/api/v1/namespaces/${account}/serviceaccounts`, { metadata: { name: account } });
  const path = (name: string) => join(folder, name);
  await token(path("token"));
  await create(
    "web",
    { "app.kubernetes.io/name": "web", tier: "front" },
    { annotations: { "example.org/team": "red" } },
  );
  await create("elsewhere", { app: "elsewhere" }, { node: "n2" });
  await run("web", "containerd://0a1b", "10.1.2.3");
  write("web", "one");

  const metadata = {
    node: "n1",
    annotations: ["example.org/*"],
    server: cluster.url,
    token_file: path("token"),
    tls: { ca: identities.ca },
    wait: "60s",
    backoff: { initial: "50ms", max: "200ms" },
  };
  const pipeline = pipelineFile(folder, {
    sources: { pods: { type: "kubernetes_logs", directory: logs, poll_interval: "50ms", metadata } },
    sinks: { out: { type: "file", inputs: ["pods"], path: path("out.ndjson") } },
  });
  const startAgain = () => startWeir(["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")]);
  const weir = startAgain();
  const come = async (text: string) => {
    for (;;) {
      const found = readLinesSoFar(path("out.ndjson")).find(({ message }) => message === text);
      if (found) return found;
      await sleep(50);
    }
  };
  // Without the role of the manifests, weir says what is missing, and the line waits.
  await weir.said('The account needs the verbs "list" and "watch" for pods');
  await allow();
  expect(await come("one")).toMatchObject({
    kubernetes: {
      namespace: "shop",
      pod: { name: "web", ip: "10.1.2.3" },
      container: { name: "app" },
      labels: { "app_kubernetes_io/name": "web", tier: "front" },
      annotations: { "example_org/team": "red" },
      node: { name: "n1" },
    },
    container: { id: "0a1b", runtime: "containerd", image: { name: "example.org/web:1" } },
  });

  // A pod that comes later, and labels that change. What comes after an event of the watch has seen that event.
  await relabel("web", { tier: "back" });
  await create("cart", { app: "cart" });
  write("cart", "two");
  expect(await come("two")).toMatchObject({ kubernetes: { labels: { app: "cart" } } });
  write("web", "three");
  expect(await come("three")).toMatchObject({ kubernetes: { labels: { tier: "back" } } });

  // The API server is killed: known pods go on, and a new one waits until it is back. Then weir goes on where it was.
  await cluster.stopServer("SIGKILL");
  write("cart", "four");
  expect(await come("four")).toMatchObject({ kubernetes: { labels: { app: "cart" } } });
  await cluster.startServer();
  await create("late", { app: "late" });
  write("late", "five");
  expect(await come("five")).toMatchObject({ kubernetes: { labels: { app: "late" } } });

  // A deleted pod is known for its last lines; a static pod by the hash in its annotation.
  await remove("late");
  const mirror = { "kubernetes.io/config.mirror": "0123456789abcdef", "kubernetes.io/config.hash": "0123456789abcdef" };
  await create("static-n1", { component: "static" }, { annotations: mirror });
  write("static-n1", "six", "0123456789abcdef");
  expect(await come("six")).toMatchObject({ kubernetes: { labels: { component: "static" } } });
  write("late", "seven");
  expect(await come("seven")).toMatchObject({ kubernetes: { labels: { app: "late" } } });
  expect(await weir.stop("SIGTERM")).toMatchObject({ code: 0 });
  expectConservation(readStats(path("stats.json")));

  // Read again after a crash, a line has the same id, whatever is known of its pod by then.
  const before = readLines(path("out.ndjson")).length;
  const second = startAgain();
  write("web", "eight");
  expect(await come("eight")).toMatchObject({ kubernetes: { labels: { tier: "back" } } });
  expect(await second.stop("SIGTERM")).toMatchObject({ code: 0 });
  expect(readLines(path("out.ndjson"))).toHaveLength(before + 1);
});
