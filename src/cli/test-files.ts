import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { parse } from "yaml";
import { isObject } from "../json.ts";
import { readTestFile, readTestSection, type TestFile, type TestText } from "../pipeline-tests/format/read.ts";
import type { PipelineTest, Surroundings } from "../pipeline-tests/format/test.ts";
import type { Problem } from "../problem.ts";
import type { Topology } from "../topology/topology.ts";
import { fileText, pipelineText } from "./file-text.ts";
import { type LoadedFile, loadPipelineFile } from "./load-file.ts";
import { RuleFiles } from "./rule-files.ts";
import { type RuleTestToRun, testsOfRule } from "./rule-tests.ts";
import { unreadable } from "./unreadable.ts";

/** Tests replace what needs packages: sources, sinks, and a state outside the data dir. */
const hasPackage = () => true;

/** A test that can be run. */
export type LoadedTest =
  | {
      readonly kind: "pipeline";
      readonly file: string;
      readonly name: string;
      readonly test: PipelineTest;
      readonly topology: Topology;
    }
  | RuleTestToRun;

/** The tests of the files of a command line, and all problems of these files. */
export interface LoadedTests {
  readonly tests: readonly LoadedTest[];
  readonly problems: readonly Problem[];
  /** Files without tests. */
  readonly empty: readonly string[];
  textOf(file: string): string | undefined;
}

/** Reads pipelines with their tests, files with tests, and rules; of a directory, all that it contains. Each counts once. */
export const loadTests = async (paths: readonly string[]): Promise<LoadedTests> => {
  const loading = new Loading();
  for (const file of new Set(paths.flatMap(filesAt))) await loading.add(file);
  return loading;
};

const testSuffix = /\.test\.(ya?ml)$/;

class Loading implements LoadedTests {
  readonly tests: LoadedTest[] = [];
  readonly problems: Problem[] = [];
  readonly empty: string[] = [];
  readonly #texts = new Map<string, string>();
  readonly #loaded: LoadedFile[] = [];
  readonly #done = new Set<string>();

  textOf(file: string): string | undefined {
    for (const loaded of this.#loaded) {
      const text = loaded.textOf(file);
      if (text !== undefined) return text;
    }
    return this.#texts.get(file);
  }

  async add(path: string): Promise<void> {
    if (testSuffix.test(path)) return this.#addTestFile(path);
    const text = this.#read(path);
    if (text === undefined) return;
    if (isRule(text)) return this.#addRule(path, text);
    const section = readTestSection(textAt(path, text));
    if (section) await this.#addTests(section, path);
    const beside = path.replace(/\.(ya?ml)$/, ".test.$1");
    const hasBeside = beside !== path && existsSync(beside);
    if (hasBeside) await this.#addTestFile(beside);
    else if (!section) this.empty.push(path);
  }

  async #addTestFile(path: string): Promise<void> {
    if (this.#done.has(resolve(path))) return;
    this.#done.add(resolve(path));
    const text = this.#read(path);
    if (text === undefined) return;
    this.#texts.set(path, text);
    const file = readTestFile(textAt(path, text));
    const named = file.pipeline === undefined ? path.replace(testSuffix, ".$1") : join(dirname(path), file.pipeline);
    await this.#addTests(file, named);
  }

  /** The pipeline is loaded once for all tests in which its references stand for the same. */
  async #addTests(file: TestFile, path: string): Promise<void> {
    const { tests } = file;
    const groups = Map.groupBy(tests, ({ surroundings }) => JSON.stringify(surroundings));
    const surroundings = tests.length > 0 ? [...groups.values()].map(([test]) => test!.surroundings) : [nothing];
    const checked = new Set<Problem>(file.problems);
    for (const one of surroundings) {
      const loaded = await loadPipelineFile(path, { ...lookupIn(one), hasPackage });
      this.#loaded.push(loaded);
      if (!loaded.ok) {
        // What the references stand for may be in a test that could not be read.
        const isKnown = file.problems.length === 0;
        this.#report(loaded.problems.filter(({ code }) => isKnown || !aboutReferences.has(code)).map(inTest));
        continue;
      }
      const { topology } = loaded.value;
      for (const test of groups.get(JSON.stringify(one)) ?? [])
        this.tests.push({ kind: "pipeline", file: test.file, name: test.name, test, topology });
      if (checked.size === file.problems.length) for (const problem of file.check(topology)) checked.add(problem);
    }
    this.#report([...checked]);
  }

  #addRule(path: string, text: string): void {
    const rules = new RuleFiles(".");
    const result = rules.get(resolve(path));
    if (!result?.ok) {
      for (const problem of result?.problems ?? []) this.#keepText(problem.file, rules.textOf(problem.file));
      this.#report(result?.problems ?? []);
      return;
    }
    const rule = result.value;
    if (rule.tests.length === 0) this.empty.push(path);
    this.tests.push(...testsOfRule(rule, path, text));
  }

  #keepText(file: string, text: string | undefined): void {
    if (text !== undefined) this.#texts.set(file, text);
  }

  #read(path: string): string | undefined {
    try {
      return pipelineText(path);
    } catch (error) {
      this.#report([unreadable(testSuffix.test(path) ? "test" : "pipeline", path, error as Error)]);
      return undefined;
    }
  }

  /** Tests with other variables find the same problems again. */
  #report(problems: readonly Problem[]): void {
    const known = new Set(this.problems.map((problem) => JSON.stringify(problem)));
    this.problems.push(...problems.filter((problem) => !known.has(JSON.stringify(problem))));
  }
}

const nothing: Surroundings = { env: {}, files: {} };

/** A test gives the same result everywhere: it does not depend on the variables of the shell. */
const lookupIn = ({ env, files }: Surroundings) => ({
  env: (name: string) => (Object.hasOwn(env, name) ? env[name] : undefined),
  readFile: (path: string) => (Object.hasOwn(files, path) ? files[path]! : fileText(path)),
});

const aboutReferences: ReadonlySet<string> = new Set(["config/unset-variable", "config/unreadable-file"]);

/** The way out of a problem, where that is another one in a test. */
const inTest = (problem: Problem): Problem => {
  if (problem.code === "config/unset-variable")
    return { ...problem, hint: 'Set it under "env" of the test: variables of the shell are not used.' };
  if (problem.code === "config/unreadable-file" && problem.line > 1)
    return { ...problem, hint: 'Give its text under "files" of the test.' };
  return problem;
};

const textAt = (path: string, text: string): TestText => ({
  text,
  file: path,
  readFile: (name) => readFileSync(join(dirname(path), name)),
});

/** The files that a path stands for. */
const filesAt = (path: string): string[] => {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
  const isHidden = (name: string) => name.split(sep).some((part) => part.startsWith(".") || part === "node_modules");
  return names
    .filter((name) => /\.ya?ml$/.test(name) && !isHidden(name))
    .map((name) => join(path, name))
    .filter((file) => testSuffix.test(file) || isOurs(file));
};

/** Whether a YAML file in a directory is a pipeline or a rule, and not something else. */
const isOurs = (path: string): boolean => {
  try {
    const text = pipelineText(path);
    const root = rootOf(text);
    return isRule(text) || (isObject(root) && "sources" in root && "sinks" in root);
  } catch {
    return false;
  }
};

/** Whether a file is a rule: it has a query, and no components. */
const isRule = (text: string): boolean => {
  const root = rootOf(text);
  return isObject(root) && root.query !== undefined && root.sources === undefined && root.sinks === undefined;
};

/** `undefined` for a text that is no YAML. */
const rootOf = (text: string): unknown => {
  try {
    return parse(text, { logLevel: "silent", merge: true });
  } catch {
    return undefined;
  }
};
