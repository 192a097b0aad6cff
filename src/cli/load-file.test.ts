import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { globSync } from "tinyglobby";
import { expect, it, onTestFinished } from "vitest";
import { loadPipelineFile } from "./load-file.ts";
import { trusted } from "./named-plugins.ts";
import { plugins, trusted as trustedOfAll } from "./plugins.ts";

const load = (transforms: string) => {
  const folder = mkdtempSync(join(tmpdir(), "weir-load-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "pipeline.yaml");
  writeFileSync(
    file,
    `sources:\n  in: { type: stdin }\n${transforms}\nsinks:\n  out: { type: console, inputs: ["*"] }\n`,
  );
  return loadPipelineFile(file);
};

const shipped = globSync(["pipelines/*.yaml", "examples/*.yaml"], { ignore: "**/*.test.yaml" });
const environment = { env: () => "x", readFile: () => "x" };

it.each(shipped)("the plugins of %s are those of the list, and trusted in the same way", async (file) => {
  const loaded = await loadPipelineFile(file, environment);
  if (!loaded.ok) return expect(loaded.problems.map(({ code }) => code)).not.toContain("config/unknown-type");
  for (const { plugin } of loaded.value.topology.components)
    if (!loaded.plugins.includes(plugin)) {
      expect(plugins).toContain(plugin);
      expect(trusted.has(plugin)).toBe(trustedOfAll.has(plugin));
    }
});

it("messages know what the pipeline does not name", async () => {
  const loaded = await load("transforms:\n  t: { type: filtre, inputs: [in] }");
  expect(loaded.ok ? [] : loaded.problems).toMatchObject([
    { code: "config/unknown-type", hint: 'Did you mean "filter"?' },
  ]);
});

it("rules are found where they are not expected", async () => {
  const loaded = await load("transforms:\n  t: { type: alert, inputs: [in], rule: kubernetes_pod_exec }");
  const problems = loaded.ok ? [] : loaded.problems;
  expect(problems.map(({ message, hint }) => `${message} ${hint}`).join()).not.toContain("Available: .");
  const wrong = await load("transforms:\n  t: { type: alert, inputs: [in], rule: no_such_rule }");
  expect(wrong.ok ? [] : wrong.problems.map(({ hint }) => hint).join()).toContain("kubernetes_");
});
