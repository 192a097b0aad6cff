import { expect, it } from "vitest";
import { KnownPod, matching, mostBytes, type Wanted } from "./known-pod.ts";

const all: Wanted = { labels: () => true, annotations: () => true };

const pod = {
  metadata: {
    uid: "u1",
    labels: { "app.kubernetes.io/name": "web", "pod-template-hash": "7d9f", app_kubernetes_io: "x", empty: "" },
    annotations: { "example.org/team": "shop" },
    ownerReferences: [{ kind: "ReplicaSet", name: "web-7d9f", controller: true }, { kind: "Node", name: "n" }, "x"],
  },
  spec: {
    nodeName: "n1",
    containers: [{ name: "nginx", image: "registry.example.org/nginx:1.29" }],
    initContainers: [{ name: "setup", image: "busybox" }],
  },
  status: {
    podIP: "10.1.2.3",
    containerStatuses: [
      {
        name: "nginx",
        restartCount: 2,
        containerID: "containerd://bbb",
        lastState: { terminated: { containerID: "containerd://aaa" } },
      },
    ],
  },
};

it("has the fields of Elastic's add_kubernetes_metadata", () => {
  const known = KnownPod.from(pod, { ...all, annotations: matching(["example.org/*"]) })!;
  const fields = (container: string, restarts: number) => known.fieldsOf({ uid: "u1", container, restarts });
  expect(fields("nginx", 2)).toEqual({
    kubernetes: {
      labels: { "app_kubernetes_io/name": "web", "pod-template-hash": "7d9f", app_kubernetes_io: "x", empty: "" },
      annotations: { "example_org/team": "shop" },
      node: { name: "n1" },
      pod: { ip: "10.1.2.3" },
      replicaset: { name: "web-7d9f" },
      deployment: { name: "web" },
    },
    container: { image: { name: "registry.example.org/nginx:1.29" }, runtime: "containerd", id: "bbb" },
  });
  expect(fields("nginx", 1)["container"]).toMatchObject({ id: "aaa" });
  expect(fields("nginx", 0)["container"]).toEqual({ image: { name: "registry.example.org/nginx:1.29" } });
  expect(fields("setup", 0)["container"]).toEqual({ image: { name: "busybox" } });
  expect(fields("other", 0)).not.toHaveProperty("container");
  expect(fields("nginx", 2)).toBe(fields("nginx", 2));
});

it("knows the folder of a static pod by the annotation of its mirror", () => {
  const annotations = { "kubernetes.io/config.mirror": "0123abcd" };
  const { uid, logUid } = KnownPod.from({ metadata: { uid: "u2", annotations } }, all)!;
  expect([uid, logUid]).toEqual(["u2", "0123abcd"]);
});

it.each([undefined, null, "x", [], {}, { metadata: null }, { metadata: { uid: "" } }, { metadata: { uid: 1 } }])(
  "does not take %j for a pod",
  (value) => expect(KnownPod.from(value, all)).toBeUndefined(),
);

it("takes what has a uid, whatever else it has", () => {
  const odd = {
    metadata: { uid: "u", labels: { a: 1, b: null, c: "d" }, annotations: [], ownerReferences: {} },
    spec: { containers: [null, { image: "no name" }, { name: "n", image: 7 }] },
    status: { containerStatuses: [{ name: "n", restartCount: "2", containerID: "x" }] },
  };
  const known = KnownPod.from(odd, all)!;
  expect(known.fieldsOf({ uid: "u", container: "n", restarts: 2 })).toEqual({ kubernetes: { labels: { c: "d" } } });
});

it("keeps a limited amount of labels and annotations, and counts what it leaves out", () => {
  const annotations = { a: "x".repeat(mostBytes), b: "y" };
  const known = KnownPod.from({ metadata: { uid: "u", labels: { app: "web" }, annotations } }, all)!;
  const { kubernetes } = known.fieldsOf({ uid: "u", container: "n", restarts: 0 });
  expect(kubernetes).toEqual({ labels: { app: "web" }, annotations: { b: "y" } });
  expect(known.omitted).toBe(1);
});

it("keeps no text of more than 1,024 characters but labels and annotations", () => {
  const long = "x".repeat(1025);
  const huge = {
    metadata: {
      uid: "u",
      labels: { app: long },
      ownerReferences: [
        { kind: "Job", name: long },
        { kind: "StatefulSet", name: "s" },
      ],
    },
    spec: {
      nodeName: long,
      containers: [
        { name: "n", image: long },
        { name: long, image: "i" },
        { name: "m", image: "i" },
      ],
    },
    status: { podIP: long, containerStatuses: [{ name: "n", restartCount: 0, containerID: `containerd://${long}` }] },
  };
  const known = KnownPod.from(huge, all)!;
  const fields = (container: string) => known.fieldsOf({ uid: "u", container, restarts: 0 });
  const kubernetes = { labels: { app: long }, statefulset: { name: "s" } };
  expect(["n", long].map(fields)).toEqual([{ kubernetes }, { kubernetes }]);
  expect(fields("m")).toEqual({ kubernetes, container: { image: { name: "i" } } });
  expect(KnownPod.from({ metadata: { uid: long } }, all)).toBeUndefined();
});

it("chooses names by patterns", () => {
  const chosen = matching(["app", "app.kubernetes.io/*", "tier?"]);
  expect(["app", "app.kubernetes.io/name", "tier1", "apps", "appXkubernetes.io/name", "tier"].map(chosen)).toEqual([
    ...[true, true, true],
    ...[false, false, false],
  ]);
});
