import { type Option, type Options, option, schemaFor } from "../../option/option.ts";

const data = (description: string): Option<Readonly<Record<string, unknown>>> =>
  schemaFor({ title: "a map", type: "object", description });

const anyText = { title: "any text", pattern: "" };

const at = option.optional(
  option.duration("When, since the start of the test: the clock is advanced to this time first."),
);

/** What `env` and `files` hold, for a test or for all tests of a file. */
const surroundingsOptions = {
  env: option.map(option.text, {
    title: "the name of an environment variable",
    pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
  })("Environment variables for the references of the pipeline. Those of the shell are not used.", { default: {} }),
  files: option.map(option.text, anyText)(
    "Texts of files that the pipeline refers to as `${file:PATH}`, by path. Other files are read.",
    { default: {} },
  ),
} satisfies Options;

/** Events or records that go into a component. */
const sendOptions = {
  into: option.text("Id of the component that gets them."),
  at,
  records: option.optional(
    option.list(option.text, { minItems: 1 })(
      "For a source: the records as text. They go through its framing, encoding and codec.",
    ),
    { excludes: ["base64", "file", "events"] },
  ),
  base64: option.optional(
    option.list(option.text, { minItems: 1 })("For a source: the records as bytes, each in base64."),
    { excludes: ["file", "events"] },
  ),
  file: option.optional(
    option.path("For a source: a file that it reads to the end. The path is relative to the file with the tests."),
    { excludes: ["events"] },
  ),
  path: option.optional(
    option.path("For a source: the path of the file that the records are from, for fields such as `log.file.path`."),
    { excludes: ["events"] },
  ),
  events: option.optional(option.list(data, { minItems: 1 })("Events, each as its data.")),
} satisfies Options;

const advanceOptions = {
  advance: option.window("How long to advance the clock. Windows close, and ticks come, at their times."),
} satisfies Options;

/** What must have arrived. */
const expectOptions = {
  expect: option.text(
    "Id of a sink (what was written to it), of a source or transform (what it sent; `route.errors` is one of its outputs), or `dead_letters`.",
  ),
  at,
  where: option.optional(option.kql("Only the events that match this KQL query; the others are left for later steps.")),
  count: option.optional(option.integer("How many events there must be.", { minimum: 0 }), {
    excludes: ["equals", "contains"],
  }),
  equals: option.optional(option.list(data)("The data of the events: these fields, and no others."), {
    excludes: ["contains"],
  }),
  contains: option.optional(
    option.list(data)("Fields of the events, one entry for each event. `null`: the field is missing."),
  ),
  order: option.oneOf("given", "any")("Whether the events must arrive in this order.", { default: "given" }),
} satisfies Options;

/** The steps that are a single word. */
export const words = ["restart", "crash", "end"] as const;

/** The steps that are maps, by the option that tells them apart. */
export const stepOptions = { into: sendOptions, advance: advanceOptions, expect: expectOptions } as const;

export const steps = schemaFor<readonly unknown[]>({
  title: "a list of steps",
  type: "array",
  minItems: 1,
  items: { description: "A step." },
  description: "What happens, in order: `into`, `advance`, `expect`, `restart`, `crash` and `end`.",
});

export const testOptions = {
  name: option.text("What the test is about."),
  start: option.optional(option.text("The time at which it starts, such as 2026-01-31T12:00:00Z.")),
  ...surroundingsOptions,
  steps,
} satisfies Options;

const testList = schemaFor<readonly Data[]>({
  title: "a list of tests",
  type: "array",
  minItems: 1,
  items: { type: "object", title: "a map", description: "A test." },
  description: "The tests, each by itself: none sees what another has left.",
});
type Data = Readonly<Record<string, unknown>>;

/** The top level of a file with tests that is beside its pipeline. */
export const testFileOptions = {
  pipeline: option.optional(
    option.path("The pipeline file, relative to this one; by default `NAME.yaml` for `NAME.test.yaml`."),
  ),
  ...surroundingsOptions,
  tests: testList,
} satisfies Options;

/** The section `tests` of a pipeline. */
export const sectionOptions = { tests: testList } satisfies Options;
