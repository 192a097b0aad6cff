import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { PluginModule, PluginModules } from "../config/plugin-list.ts";
import type { Rule } from "../detection/rule.ts";
import type { RuleCatalog } from "../detection/rule-option.ts";
import type { RuleType } from "../detection/rule-type.ts";
import { ruleTypes } from "../detection/rule-types.ts";
import type { Result } from "../problem.ts";
import { loadRule } from "../rules/load.ts";
import { shippedNames, shippedText } from "../shipped.ts";
import { fileText, shortPath } from "./file-text.ts";
import { unreadable } from "./unreadable.ts";

/** The rules that come with weir, which need not be files: their folder in the package. */
const shipped = "plugins/rules";

/** Rules in files: those that come with weir by name, others by a path relative to `folder`. */
export class RuleFiles implements RuleCatalog {
  readonly #folder: string;
  readonly #loaded = new Map<string, Result<Rule>>();
  readonly #texts = new Map<string, string>();
  readonly #asked = new Set<string>();

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

  names(): readonly string[] {
    const own = ruleNames(shippedNames(shipped));
    return [...own, ...this.#folders.flatMap((folder) => namesIn(folder))].sort();
  }

  get(nameOrPath: string): Result<Rule> | undefined {
    const own = ruleNames(shippedNames(shipped)).includes(nameOrPath);
    const path = own ? `${shipped}/${nameOrPath}.yaml` : this.#pathOf(nameOrPath);
    if (!own) this.#asked.add(path);
    const known = this.#loaded.get(path);
    if (known) return known;
    if (!own && !existsSync(path)) return undefined;
    const result = this.#load(path, own ? shippedText : fileText);
    this.#loaded.set(path, result);
    return result;
  }

  #load(path: string, read: (path: string) => string): Result<Rule> {
    const file = shortPath(path);
    try {
      const text = read(path);
      this.#texts.set(file, text);
      return loadRule(text, { file, name: basename(path).replace(/\.ya?ml$/, ""), types: this.#types });
    } catch (error) {
      return { ok: false, problems: [unreadable("rule", file, error as Error)] };
    }
  }

  /** The text of a rule file that was read, by the file name in its problems. */
  textOf(file: string): string | undefined {
    return this.#texts.get(file);
  }

  #pathOf(nameOrPath: string): string {
    if (!/\.ya?ml$/.test(nameOrPath))
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

/** A folder of rules, and what comes before their names. */
type RuleFolder = NonNullable<PluginModule["ruleFolders"]>[number];

const namesIn = ({ namespace, path }: RuleFolder): string[] => {
  const start = namespace === undefined ? "" : `${namespace}/`;
  return ruleNames(readdirSync(path)).map((name) => `${start}${name}`);
};

const ruleNames = (files: readonly string[]): string[] =>
  files.filter((file) => file.endsWith(".yaml")).map((file) => basename(file, ".yaml"));
