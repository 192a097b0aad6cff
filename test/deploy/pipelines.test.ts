import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { loadPipelineFile } from "../../src/cli/load-file.ts";
import { root } from "../end-to-end/weir.ts";

it.each(["audit-log", "webhook"])("the %s pipeline of the Helm chart has no problem", async (name) => {
  vi.stubEnv("NODE_NAME", "control-plane-1");
  const loaded = await loadPipelineFile(join(root, `deploy/helm/weir/files/${name}.yaml`));
  expect(loaded.ok ? loaded.warnings : loaded.problems).toEqual([]);
});

it("what is deployed is this version", () => {
  const textOf = (path: string) => readFileSync(join(root, path), "utf8");
  const { version } = JSON.parse(textOf("package.json")) as { version: string };
  expect(textOf("deploy/helm/weir/Chart.yaml")).toContain(`appVersion: ${version}\n`);
  const tags = ["static-pod.yaml", "kustomize/audit-log/weir.yaml", "kustomize/webhook/weir.yaml"].flatMap((path) =>
    [...textOf(`deploy/${path}`).matchAll(/image: weir:(.*)/g)].map(([, tag]) => tag),
  );
  const [reading, other] = [`${version}-audit-log`, version];
  expect(tags).toEqual([reading, reading, reading, reading, other]);
  const newTags = ["audit-log", "webhook"].map(
    (part) => /newTag: (\S+)/.exec(textOf(`deploy/kustomize/${part}/kustomization.yaml`))?.[1],
  );
  expect(newTags).toEqual([reading, other]);
});
