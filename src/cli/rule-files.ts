import { existsSync, readdirSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Rule } from "../detection/rule.ts";
import type { RuleCatalog } from "../detection/rule-option.ts";
import type { Result } from "../problem.ts";
import { loadRule } from "../rules/load.ts";
import { fileText, shortPath } from "./file-text.ts";
import { unreadable } from "./unreadable.ts";

/** The rules that come with weir. The relative path is the same from `src` and from `dist/src`. */
const shipped = fileURLToPath(new URL("../../plugins/rules/", import.meta.url));

/** Rules in files: those that come with weir by name, others by a path relative to `folder`. */
export class RuleFiles implements RuleCatalog {
  readonly #folder: string;
  readonly #loaded = new Map<string, Result<Rule>>();
  readonly #texts = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  names(): readonly string[] {
    const files = readdirSync(shipped).filter((file) => file.endsWith(".yaml"));
    return files.map((file) => basename(file, ".yaml")).sort();
  }

  get(nameOrPath: string): Result<Rule> | undefined {
    const path = this.#pathOf(nameOrPath);
    const known = this.#loaded.get(path);
    if (known) return known;
    if (!existsSync(path)) return undefined;
    const result = this.#load(path);
    this.#loaded.set(path, result);
    return result;
  }

  #load(path: string): Result<Rule> {
    const file = shortPath(path);
    try {
      const text = fileText(path);
      this.#texts.set(file, text);
      return loadRule(text, { file, name: basename(path).replace(/\.ya?ml$/, "") });
    } catch (error) {
      return { ok: false, problems: [unreadable("rule", file, error as Error)] };
    }
  }

  /** The text of a rule file that was read, by the file name in its problems. */
  textOf(file: string): string | undefined {
    return this.#texts.get(file);
  }

  #pathOf(nameOrPath: string): string {
    const isPath = /[/\\]|\.ya?ml$/.test(nameOrPath);
    return isPath ? resolve(this.#folder, nameOrPath) : resolve(shipped, `${nameOrPath}.yaml`);
  }
}
