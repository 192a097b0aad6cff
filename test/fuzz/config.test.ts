import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, it } from "vitest";
import { plugins } from "../../src/cli/plugins.ts";
import { RuleFiles } from "../../src/cli/rule-files.ts";
import { formatProblems } from "../../src/config/format.ts";
import { loadPipeline } from "../../src/config/load.ts";
import { maskText } from "../../src/config/mask.ts";
import { budget, mutatedText } from "./mutation.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pipelines = ["pipelines", "examples", "examples/recipes"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".yaml") && file !== "audit-policy.yaml")
    .map((file) => readFileSync(join(root, folder, file), "utf8")),
);

const anchors = `x-common: &common {inputs: [in], path: out.ndjson}
sources: {in: {type: stdin}}
sinks:
  a: {<<: *common, type: file}
  b: {type: http, inputs: ["*"], url: "http://127.0.0.1:9/\${env:HOME}"}
`;

const load = (text: string) =>
  loadPipeline(text, {
    file: "pipeline.yaml",
    plugins,
    rules: new RuleFiles(root),
    env: (name) => (name === "HOME" ? "home" : undefined),
    readFile: () => "secret",
  });

it("a damaged pipeline loads, or has problems with a place in it and a sentence", () => {
  let sound = 0;
  fc.assert(
    fc.property(mutatedText([...pipelines, anchors]), (text) => {
      const loaded = load(text);
      if (loaded.ok) sound++;
      const problems = loaded.ok ? loaded.warnings : loaded.problems;
      if (!loaded.ok) expect(problems.length).toBeGreaterThan(0);
      const lines = text.split("\n");
      for (const { code, message, file, line, column } of problems) {
        expect(code).toMatch(/^[a-z-]+\/[a-z-]+$/);
        expect(message).not.toMatch(/undefined|\[object|TypeError|RangeError|Cannot read|Maximum call stack/);
        if (file !== "pipeline.yaml") continue;
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeGreaterThan(0);
        expect(column).toBeLessThanOrEqual((lines[line - 1] ?? "").length + 2);
      }
      // It can be shown, with and without colours and secrets.
      expect(formatProblems(problems, () => maskText(text, plugins))).not.toMatch(/\n {4}at /);
    }),
    budget(100),
  );
  expect(sound).toBeGreaterThan(0);
});
