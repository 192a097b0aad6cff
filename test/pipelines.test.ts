import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadPipelineFile } from "../src/cli/load-file.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const pipelines = ["pipelines", "examples"].flatMap((folder) =>
  readdirSync(join(root, folder))
    // The audit policy is for the API server.
    .filter((file) => file.endsWith(".yaml") && file !== "audit-policy.yaml")
    .map((file) => join(folder, file)),
);

const schema = JSON.parse(readFileSync(join(root, "schema/pipeline.json"), "utf8"));
const accepts = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);

describe.each(pipelines)("%s", (file) => {
  it("has no problem", async () => {
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
