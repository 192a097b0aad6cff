import { type Options, type Schema, schemaOf } from "../option/option.ts";
import { stepOptions, steps, testFileOptions, testOptions, words } from "../pipeline-tests/format/options.ts";
import { forEditors } from "./value-schema.ts";

const group = (options: Options, description?: string): Schema => ({
  ...schemaOf(options),
  ...(description !== undefined && { description }),
  properties: forEditors(options),
});

const stepSchema: Schema = {
  anyOf: [{ enum: words }, ...Object.values(stepOptions).map((options) => group(options))],
};

const { optional: _, ...stepList } = steps;
const test = group(testOptions, "A test.");

/** The section `tests` of a pipeline. */
export const testsSchema: Schema = {
  description: "Tests of the pipeline, for `weir test`.",
  type: ["array", "null"],
  items: { ...test, properties: { ...(test["properties"] as Schema), steps: { ...stepList, items: stepSchema } } },
};

const file = group(testFileOptions);

/** The JSON Schema of a file with tests that is beside its pipeline, for editors. */
export const testFileSchema: Schema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  $id: "https://weir.example/schema/tests.json",
  title: "Tests of a weir pipeline",
  ...file,
  patternProperties: { "^x-": { description: "Ignored by weir: a place for anchors." } },
  properties: { ...(file["properties"] as Schema), tests: testsSchema },
};
