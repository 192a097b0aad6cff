import { existsSync, readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { globSync } from "tinyglobby";
import type { PluginModule, PluginModules } from "../config/plugin-list.ts";
import type { ExceptionCatalog } from "../detection/exceptions/catalog.ts";
import type { Rule } from "../detection/rule.ts";
import type { RuleType } from "../detection/rule-type.ts";
import { ruleTypes } from "../detection/rule-types.ts";
import type { RuleCatalog, RuleFilter, SelectedRules } from "../detection/rules-option.ts";
import { fileStats } from "../file-stats.ts";
import type { Result } from "../problem.ts";
import { readExceptions } from "../rules/exception-file.ts";
import { readExported } from "../rules/exported/read.ts";
import { whyLeftOut } from "../rules/filter.ts";
import { readRule, ruleFileEnding } from "../rules/read-rule.ts";
import { withoutRepeatedIds } from "../rules/repeated-ids.ts";
import type { ReadRule } from "../rules/rule-file.ts";
import { selectedRules } from "../rules/selected.ts";
import { parsedAtBuild, shippedNames, shippedText } from "../shipped.ts";
import { fileText, shortPath } from "./file-text.ts";
import { unreadable } from "./unreadable.ts";

/** The rules that come with weir, which need not be files: their folder in the package. */
const shipped = "plugins/rules";

/** Rules in files: those that come with weir by name, others by a path, a folder or a glob relative to `folder`. */
export class RuleFiles implements RuleCatalog, ExceptionCatalog {
  readonly #folder: string;
  readonly #loaded = new Map<string, ReadRule>();
  readonly #texts = new Map<string, string>();
  readonly #asked = new Set<string>();
  /** The names of the rules that come with weir, once they are needed. */
  #ownNames: ReadonlySet<string> | undefined;

  readonly #folders: readonly RuleFolder[];
  readonly #types: readonly RuleType[];

  /** `modules`: of the pipeline, whose rules and rule types can be used as well. */
  constructor(folder: string, modules: PluginModules = new Map()) {
    this.#folder = folder;
    const all = [...modules.values()];
    this.#folders = all.flatMap(({ ruleFolders = [] }) => ruleFolders);
    const added = all.flatMap((module) => module.ruleTypes ?? []);
    this.#types = added.length > 0 ? [...ruleTypes, ...added] : ruleTypes;
  }

  /** The files that were looked for, without those that come with weir. */
  get paths(): readonly string[] {
    return [...this.#asked];
  }

  /** When the rules are loaded. */
  readonly now = Date.now();

  exceptionFile(path: string): Result<readonly unknown[]> | undefined {
    if (!path.endsWith(".ndjson"))
      return this.#readText("exception", path, (text, file) => readExceptions(text, file, this));
    const beside = (id: string) => join(dirname(path), basename(id));
    return this.#readText("exception", path, (text, file) => readExported(text, file, this, beside));
  }

  valueList(path: string): Result<readonly string[]> | undefined {
    const lines = (text: string) => text.split("\n").map((line) => line.trim());
    return this.#readText("list", path, (text) => ({
      ok: true,
      value: lines(text).filter((line) => line !== ""),
      warnings: [],
    }));
  }

  #readText<T>(
    what: "exception" | "list",
    named: string,
    read: (text: string, file: string) => Result<T>,
  ): Result<T> | undefined {
    const path = resolve(this.#folder, named);
    this.#asked.add(path);
    if (!existsSync(path)) return undefined;
    const file = shortPath(path);
    try {
      const text = fileText(path);
      this.#texts.set(file, text);
      return read(text, file);
    } catch (error) {
      return { ok: false, problems: [unreadable(what, file, error as Error)] };
    }
  }

  names(): readonly string[] {
    const own = ruleNames(shippedNames(shipped));
    return [...own, ...this.#folders.flatMap((folder) => namesIn(folder))].sort();
  }

  get(nameOrPath: string): Result<Rule> | undefined {
    return this.#read(nameOrPath)?.result;
  }

  select(from: string, filter: RuleFilter): SelectedRules | undefined {
    const read = this.read(from);
    return read && { isMany: this.#isMany(from), ...selectedRules(this.chosen(read, filter)) };
  }

  /** Without the rules that the filter leaves out; of those with the same id, only the first one runs. */
  chosen(read: readonly ReadRule[], filter: RuleFilter): readonly ReadRule[] {
    const left = read.filter(({ about }) => whyLeftOut(about, filter) === undefined);
    return withoutRepeatedIds(left, (file) => this.textOf(file));
  }

  /** What several of them stand for, each rule once; those without a file are left out. */
  readAll(names: readonly string[]): readonly ReadRule[] {
    const read = new Map(names.flatMap((name) => this.read(name) ?? []).map((each) => [each.file, each]));
    return [...read.values()];
  }

  /** What a name, a path, a folder or a glob stands for, in the order of the paths; `undefined` if there is no such file. */
  read(from: string): readonly ReadRule[] | undefined {
    if (!this.#isMany(from)) {
      const one = this.#read(from);
      return one && [one];
    }
    const found = this.isFolder(from)
      ? globSync("**/*", { cwd: resolve(this.#folder, from), absolute: true })
      : globSync(from, { cwd: this.#folder, absolute: true });
    const paths = eachOnce(found.filter((path) => ruleFileEnding.test(path)).sort());
    return paths.flatMap((path) => this.#read(path) ?? []);
  }

  /** Whether this is a folder, whatever is in it. */
  isFolder(from: string): boolean {
    return fileStats(resolve(this.#folder, from))?.isDirectory() ?? false;
  }

  #isMany(from: string): boolean {
    if (this.isFolder(from)) return true;
    return /[*?{[]/.test(from) && !existsSync(resolve(this.#folder, from));
  }

  #read(nameOrPath: string): ReadRule | undefined {
    this.#ownNames ??= new Set(ruleNames(shippedNames(shipped)));
    const own = this.#ownNames.has(nameOrPath);
    const path = own ? `${shipped}/${nameOrPath}.yaml` : this.#pathOf(nameOrPath);
    if (!own) this.#asked.add(path);
    const known = this.#loaded.get(path);
    if (known) return known;
    if (!own && !existsSync(path)) return undefined;
    const result = this.#load(path, own);
    this.#loaded.set(path, result);
    return result;
  }

  #load(path: string, isShipped: boolean): ReadRule {
    const file = shortPath(path);
    const name = basename(path).replace(ruleFileEnding, "");
    try {
      const text = isShipped ? shippedText(path) : fileText(path);
      this.#texts.set(file, text);
      const values = isShipped ? parsedAtBuild(path, text) : undefined;
      return readRule(text, { file, name, types: this.#types, values });
    } catch (error) {
      const problems = [unreadable("rule", file, error as Error)];
      return { file, about: { name, tags: [], integrations: [] }, result: { ok: false, problems }, notHonoured: [] };
    }
  }

  /** The text of a rule file that was read, by the file name in its problems. */
  textOf(file: string): string | undefined {
    return this.#texts.get(file);
  }

  #pathOf(nameOrPath: string): string {
    if (!ruleFileEnding.test(nameOrPath))
      for (const { namespace, path } of this.#folders) {
        const start = namespace === undefined ? "" : `${namespace}/`;
        const name = nameOrPath.slice(start.length);
        if (!nameOrPath.startsWith(start) || !/^[A-Za-z0-9_-]+$/.test(name)) continue;
        const file = join(path, `${name}.yaml`);
        if (existsSync(file)) return file;
      }
    return resolve(this.#folder, nameOrPath);
  }
}

/** The same paths, without others of the same files by symbolic links. */
const eachOnce = (paths: readonly string[]): readonly string[] => {
  const byFile = new Map<string, string>();
  for (const path of paths) {
    const file = realpathSync(path);
    if (!byFile.has(file) || path === file) byFile.set(file, path);
  }
  return [...byFile.values()];
};

/** A folder of rules, and what comes before their names. */
type RuleFolder = NonNullable<PluginModule["ruleFolders"]>[number];

const namesIn = ({ namespace, path }: RuleFolder): string[] => {
  const start = namespace === undefined ? "" : `${namespace}/`;
  return ruleNames(readdirSync(path)).map((name) => `${start}${name}`);
};

const ruleNames = (files: readonly string[]): string[] =>
  files.filter((file) => file.endsWith(".yaml")).map((file) => basename(file, ".yaml"));
