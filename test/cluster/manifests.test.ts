import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { root, temporaryFolder } from "../end-to-end/weir.ts";
import { Cluster } from "./cluster.ts";
import { type Identities, makeIdentities } from "./identities.ts";
import { type Manifest, manifestsIn, pathFor } from "./manifests.ts";
import { buildPrograms, type Programs, reasonToSkip } from "./programs.ts";

// A real API server accepts what deploy/ has for Kubernetes, and admits the pods at the level of their namespace.

const skipped = reasonToSkip();
let programs: Programs;
beforeAll(async () => {
  if (!skipped) programs = await buildPrograms();
});

/** The pod that a DaemonSet or a StatefulSet makes. */
const podOf = ({ kind, metadata: { name }, spec }: Manifest) => {
  const claim = { name: "data", persistentVolumeClaim: { claimName: `data-${name}-0` } };
  const { template } = spec;
  const volumes = [...template.spec.volumes, ...(kind === "StatefulSet" ? [claim] : [])];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, ...template.metadata },
    spec: { ...template.spec, volumes },
  };
};

/** Asks the API server to create things. */
class Requests {
  readonly #cluster: Cluster;
  readonly #identities: Identities;

  constructor(cluster: Cluster, identities: Identities) {
    this.#cluster = cluster;
    this.#identities = identities;
  }

  /** What it answers; with `dryRun`, it checks everything and keeps nothing. */
  async create(manifest: { readonly kind: string }, namespace: string, { dryRun }: { readonly dryRun: boolean }) {
    const { kind } = manifest;
    const answer = await this.#cluster.client.send({
      method: "POST",
      path: `${pathFor(kind, namespace)}?fieldValidation=Strict${dryRun ? "&dryRun=All" : ""}`,
      who: this.#identities.admin,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(manifest),
    });
    const { message } = JSON.parse(answer?.body ?? "{}") as { message?: string };
    return { kind, status: answer?.status, message };
  }

  /** The account that each pod has; a controller would make it. */
  account(namespace: string) {
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } };
    return this.create(account, namespace, { dryRun: false });
  }
}

const start = async (): Promise<Requests> => {
  const folder = temporaryFolder();
  const identities = makeIdentities(folder);
  const audit = { log: join(folder, "audit.log"), webhook: "http://127.0.0.1:9/" };
  return new Requests(await Cluster.start(folder, programs, identities, audit), identities);
};

it.skipIf(skipped)("a real API server accepts the manifests, and admits their pods", async () => {
  const requests = await start();
  const created = { status: 201, message: undefined };
  for (const part of readdirSync(join(root, "deploy/kustomize"))) {
    const [space] = manifestsIn(`kustomize/${part}/namespace.yaml`);
    const namespace = space!.metadata.name;
    expect(await requests.create(space!, namespace, { dryRun: false })).toMatchObject(created);
    expect(await requests.account(namespace)).toMatchObject(created);
    const manifests = manifestsIn(`kustomize/${part}/weir.yaml`);
    expect(manifests.length).toBeGreaterThan(1);
    const pods = manifests.filter(({ kind }) => kind.endsWith("Set")).map(podOf);
    expect(pods).toHaveLength(1);
    // A pod is refused whose account is not there.
    for (const manifest of [...manifests, ...pods])
      expect(await requests.create(manifest, namespace, { dryRun: manifest.kind !== "ServiceAccount" })).toMatchObject(
        created,
      );
  }

  expect(await requests.account("kube-system")).toMatchObject(created);
  const [staticPod] = manifestsIn("static-pod.yaml");
  expect(await requests.create(staticPod!, "kube-system", { dryRun: true })).toMatchObject(created);

  // It would have refused what is wrong.
  expect(await requests.create({ ...staticPod!, ...{ spek: {} } }, "kube-system", { dryRun: true })).toMatchObject({
    status: 400,
    message: expect.stringContaining('unknown field "spek"'),
  });
  const [reader] = manifestsIn("kustomize/audit-log/weir.yaml").filter(({ kind }) => kind === "DaemonSet");
  expect(await requests.create(podOf(reader!), "weir-webhook", { dryRun: true })).toMatchObject({
    status: 403,
    message: expect.stringContaining('violates PodSecurity "restricted'),
  });
});
