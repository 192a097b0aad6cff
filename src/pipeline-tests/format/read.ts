import { checkOptions } from "../../config/check.ts";
import { decode } from "../../config/decode.ts";
import type { FileReading } from "../../config/reading.ts";
import { Report } from "../../config/report.ts";
import type { Path } from "../../config/source-file.ts";
import { checkSyntax } from "../../config/syntax.ts";
import { show } from "../../config/value-words.ts";
import { YamlFile } from "../../config/yaml-file.ts";
import { isObject } from "../../json.ts";
import type { Options } from "../../option/option.ts";
import type { Problem } from "../../problem.ts";
import type { Topology } from "../../topology/topology.ts";
import { checkSteps } from "./check-steps.ts";
import { sectionOptions, testFileOptions, testOptions } from "./options.ts";
import { readStep } from "./step.ts";
import { defaultStart, type PipelineTest, type Step, type Surroundings } from "./test.ts";

/** The tests of a file, and all that is wrong with them. */
export interface TestFile {
  /** The path of the pipeline, if the file names one. */
  readonly pipeline: string | undefined;
  readonly tests: readonly PipelineTest[];
  readonly problems: readonly Problem[];
  /** Checks what the tests name against the pipeline; returns all problems. */
  check(topology: Topology): readonly Problem[];
}

export interface TestText {
  readonly text: string;
  /** The name of the file, for messages. */
  readonly file: string;
  /** The bytes of a file, by a path relative to the file with the tests; throws an error that says why not. */
  readonly readFile: (path: string) => Uint8Array;
}

/** Reads a file that holds tests only. */
export const readTestFile = (source: TestText): TestFile => {
  const reading = open(source);
  if (!reading) return broken(source);
  const root: unknown = reading.file.document.toJS();
  if (!isObject(root)) {
    const found = root === null || root === undefined ? "The empty file" : "The content of this file";
    reading.report.error("config/not-a-map", { path: [] }, [found, "tests"]);
    return result(undefined, [], reading);
  }
  // Keys that begin with "x-" are a place for anchors, as in a pipeline.
  const own = Object.fromEntries(Object.entries(root).filter(([key]) => !key.startsWith("x-")));
  const values = checked(testFileOptions, own, { name: "a file with tests", path: [] }, reading);
  if (!values) return result(undefined, [], reading);
  const { pipeline, env, files } = values as unknown as Surroundings & { readonly pipeline?: string };
  return result(pipeline, readTests(values["tests"], { env, files }, reading, source), reading);
};

/** Reads the section `tests` of a pipeline; `undefined` if it has none. */
export const readTestSection = (source: TestText): TestFile | undefined => {
  const reading = open(source);
  if (!reading) return broken(source);
  const root: unknown = reading.file.document.toJS();
  if (!isObject(root) || root["tests"] === undefined || root["tests"] === null) return undefined;
  const values = checked(sectionOptions, { tests: root["tests"] }, { name: '"tests"', path: [] }, reading);
  return result(undefined, values ? readTests(values["tests"], { env: {}, files: {} }, reading, source) : [], reading);
};

const open = ({ text, file: name }: TestText): FileReading | undefined => {
  const file = new YamlFile(name, text);
  const report = new Report(file);
  const nothing = { names: () => [], get: () => undefined };
  return checkSyntax(file, report)
    ? { file, report, origins: new Map(), catalogs: { rules: nothing, codecs: nothing } }
    : undefined;
};

const broken = ({ text, file: name }: TestText): TestFile => {
  const file = new YamlFile(name, text);
  const report = new Report(file);
  checkSyntax(file, report);
  return { pipeline: undefined, tests: [], problems: report.problems, check: () => report.problems };
};

const result = (
  pipeline: string | undefined,
  read: readonly { readonly test: PipelineTest; readonly path: Path }[],
  { report }: FileReading,
): TestFile => ({
  pipeline,
  tests: read.map(({ test }) => test),
  problems: report.problems,
  check: (topology) => {
    for (const { test, path } of read) checkSteps(test.steps, topology, path, report);
    return report.problems;
  },
});

type Values = Readonly<Record<string, unknown>>;

/** The values of options, checked and decoded; `undefined` if a problem was reported. */
const checked = (
  options: Options,
  values: Values,
  owner: { readonly name: string; readonly path: Path },
  reading: FileReading,
): Values | undefined => {
  const copy = structuredClone(values);
  return checkOptions(options, copy, owner, reading) ? decode(options, copy, owner.path, reading) : undefined;
};

const readTests = (list: unknown, outer: Surroundings, reading: FileReading, source: TestText) =>
  (list as readonly Values[]).flatMap((written, index) => {
    const path = ["tests", index];
    const values = checked(testOptions, written, { name: "a test", path }, reading);
    if (!values) return [];
    const { name, env, files, steps } = values as unknown as Surroundings & {
      readonly name: string;
      readonly steps: unknown[];
    };
    const { line } = reading.file.placeOfKey(path);
    const test = {
      name,
      file: source.file,
      line,
      start: startOf(values["start"], [...path, "start"], reading),
      surroundings: { env: { ...outer.env, ...env }, files: { ...outer.files, ...files } },
      steps: steps.flatMap((step, at): Step[] => {
        const where = [...path, "steps", at];
        const read = readStep(step, where, { reading, checked, readFile: source.readFile });
        // Kept in its place, so that the steps have the same indexes as in the file.
        return [read ?? { kind: "advance", by: 0, line: reading.file.placeOfKey(where).line }];
      }),
    };
    return [{ test, path }];
  });

const startOf = (text: unknown, path: Path, { report }: FileReading): number => {
  if (text === undefined) return defaultStart;
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(String(text))
    ? Date.parse(String(text))
    : Number.NaN;
  if (Number.isFinite(time)) return time;
  report.error("config/wrong-value", { path }, [show(text, {}, []), "a time such as 2026-01-31T12:00:00Z"]);
  return defaultStart;
};
