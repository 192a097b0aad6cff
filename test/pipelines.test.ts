import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { afterEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { loadPipelineFile } from "../src/cli/load-file.ts";
import { loadTests } from "../src/cli/test-files.ts";
import { environmentOf } from "./recipe-environment.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const pipelines = ["pipelines", "examples", "examples/recipes"].flatMap((folder) =>
  readdirSync(join(root, folder))
    // The audit policy is for the API server, and tests have their own schema.
    .filter((file) => /(?<!\.test)\.yaml$/.test(file) && file !== "audit-policy.yaml")
    .map((file) => join(folder, file)),
);

afterEach(() => vi.unstubAllEnvs());

const schema = JSON.parse(readFileSync(join(root, "schema/pipeline.json"), "utf8"));
const accepts = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);

describe.each(pipelines)("%s", (file) => {
  it("has no problem", async () => {
    for (const [name, value] of Object.entries(environmentOf(join(root, file)))) vi.stubEnv(name, value);
    const loaded = await loadPipelineFile(join(root, file));
    expect(loaded.ok ? loaded.warnings : loaded.problems).toEqual([]);
  });

  it("has none for an editor either", () => {
    expect({ valid: accepts(parse(readFileSync(join(root, file), "utf8"))), errors: accepts.errors }).toEqual({
      valid: true,
      errors: null,
    });
  });
});

it("every pipeline that comes with weir has tests, also for an editor", async () => {
  const { tests, problems, empty } = await loadTests(pipelines.map((file) => join(root, file)));
  expect({ problems, empty }).toEqual({ problems: [], empty: [] });
  const tested = new Set(tests.map(({ file }) => relative(root, file).replace(".test.yaml", ".yaml")));
  expect([...tested].sort()).toEqual(pipelines.toSorted());
  const testSchema = JSON.parse(readFileSync(join(root, "schema/tests.json"), "utf8"));
  const acceptsTests = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(testSchema);
  for (const file of new Set(tests.map((test) => test.file).filter((name) => name.endsWith(".test.yaml")))) {
    const valid = acceptsTests(parse(readFileSync(file, "utf8"), { merge: true }));
    expect({ file, valid, errors: acceptsTests.errors }).toEqual({ file, valid: true, errors: null });
  }
});
