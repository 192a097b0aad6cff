import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { parseAllDocuments } from "yaml";
import { loadPipelineFile } from "../../src/cli/load-file.ts";
import { codecs, plugins } from "../../src/cli/plugins.ts";
import { RuleFiles } from "../../src/cli/rule-files.ts";
import { loadPipeline } from "../../src/config/load.ts";
import { root } from "../end-to-end/weir.ts";

interface Manifest {
  readonly kind: string;
  readonly data: { readonly "pipeline.yaml": string };
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly Container[] } } };
}

interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

const kustomizations = readdirSync(join(root, "deploy/kustomize")).sort();

it.each(["audit-log", "webhook"])("the %s pipeline of the Helm chart has no problem", async (name) => {
  vi.stubEnv("NODE_NAME", "control-plane-1");
  const loaded = await loadPipelineFile(join(root, `deploy/helm/weir/files/${name}.yaml`));
  expect(loaded.ok ? loaded.warnings : loaded.problems).toEqual([]);
});

it.each(kustomizations)("the pipeline of kustomize/%s has no problem in the environment of its pods", (part) => {
  const text = readFileSync(join(root, `deploy/kustomize/${part}/weir.yaml`), "utf8");
  const manifests = parseAllDocuments(text).map((document) => document.toJS() as Manifest | null);
  const [pipeline] = manifests.filter((one) => one?.kind === "ConfigMap");
  const [{ env }] = manifests.find((one) => one?.kind.endsWith("Set"))!.spec.template.spec.containers as [Container];
  const loaded = loadPipeline(pipeline!.data["pipeline.yaml"], {
    file: "pipeline.yaml",
    plugins,
    codecs,
    rules: new RuleFiles(root),
    // What the kubelet fills in has no value in the manifest.
    env: (name) => env.filter((one) => one.name === name).map(({ value }) => value ?? "filled-in")[0],
    readFile: () => "",
  });
  expect(loaded.ok ? loaded.warnings : loaded.problems).toEqual([]);
  const state = /state:\n *type: (\w+)/.exec(pipeline!.data["pipeline.yaml"])?.[1];
  expect(state).toBe({ "many-collectors": "valkey", detectors: "kafka" }[part]);
});

it("what is deployed is this version", () => {
  const textOf = (path: string) => readFileSync(join(root, path), "utf8");
  const { version } = JSON.parse(textOf("package.json")) as { version: string };
  expect(textOf("deploy/helm/weir/Chart.yaml")).toContain(`appVersion: ${version}\n`);
  const imagesIn = (path: string) => [...textOf(`deploy/${path}`).matchAll(/image: weir:(.*)/g)].map(([, tag]) => tag);
  const reading = `${version}-audit-log`;
  expect(imagesIn("static-pod.yaml")).toEqual([reading, reading]);
  for (const part of kustomizations) {
    const tag = part === "audit-log" || part === "pod-logs" ? reading : version;
    expect(new Set(imagesIn(`kustomize/${part}/weir.yaml`))).toEqual(new Set([tag]));
    expect(/newTag: (\S+)/.exec(textOf(`deploy/kustomize/${part}/kustomization.yaml`))?.[1]).toBe(tag);
  }
});
