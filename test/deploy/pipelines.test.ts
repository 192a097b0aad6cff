import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { loadPipelineFile } from "../../src/cli/load-file.ts";
import { root } from "../end-to-end/weir.ts";

it.each(["audit-log", "webhook"])("the %s pipeline of the Helm chart has no problem", async (name) => {
  vi.stubEnv("NODE_NAME", "control-plane-1");
  const loaded = await loadPipelineFile(join(root, `deploy/helm/weir/files/${name}.yaml`));
  expect(loaded.ok ? loaded.warnings : loaded.problems).toEqual([]);
});
