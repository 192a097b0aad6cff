import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { type Files, packageFiles } from "../scaffold/package.ts";
import { pluginText, type Scaffold } from "../scaffold/plugin.ts";
import { ruleText } from "../scaffold/rule.ts";
import { version } from "../version.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Writes a new plugin or rule with its test, or a package with it. Never overwrites a file. */
export const newPlugin = (
  kind: Scaffold,
  name: string,
  { package: isPackage = false, into }: { readonly package?: boolean; readonly into?: string },
  terminal: Terminal,
): number => {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) {
    terminal.error(`"${name}" cannot be the name of a ${kind}: write it in snake_case, such as ${snakeCase(name)}.\n`);
    return exit.usage;
  }
  const folder = into ?? (isPackage ? "." : kind === "rule" ? "rules" : "plugins");
  const files = isPackage ? packageFiles(kind, name) : filesOf(kind, name);
  const paths = Object.keys(files).map((path) => join(folder, path));
  const taken = paths.find((path) => existsSync(path));
  if (taken !== undefined) {
    terminal.error(
      `"${taken}" exists already; nothing was written. Choose another name, or another folder with --into.\n`,
    );
    return exit.failed;
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  terminal.out(`${paths.map((path) => `wrote ${path}`).join("\n")}\n\n${nextSteps(kind, name, isPackage, folder)}`);
  return exit.success;
};

const filesOf = (kind: Scaffold, name: string): Files => {
  if (kind === "rule") return { [`${name}.yaml`]: ruleText(name) };
  const { plugin, test } = pluginText(kind, name, `./${name}.ts`);
  return { [`${name}.ts`]: plugin, [`${name}.test.ts`]: test };
};

/** Only tests import the package: for a pipeline, weir gives plugins its own. */
const noPackage = `The test imports the package "weir", which is not installed here. Install it first (docs/install.md):
  npm install ./weir-${version()}.tgz
`;

/** Whether code in this folder can import "weir". */
const findsWeir = (folder: string): boolean => {
  try {
    createRequire(resolve(folder, "plugin.js")).resolve("weir");
    return true;
  } catch (error) {
    // Others mean that it is there, and has no entry for `require`.
    return (error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND";
  }
};

const snakeCase = (name: string): string => {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  return /^[a-z]/.test(words[0] ?? "") ? words.join("_") : "geo_ip";
};

const nextSteps = (kind: Scaffold, name: string, isPackage: boolean, folder: string): string => {
  if (isPackage) {
    const path = join(folder, `weir-plugin-${name.replaceAll("_", "-")}`);
    return `Next:\n  cd ${path} && npm install && npm test\nUse it in a pipeline, once it is built (npm run build):\n  plugins: [./${path}]\n`;
  }
  if (kind === "rule")
    return `Test it:\n  weir rules test ${join(folder, name)}.yaml\nUse it in a pipeline:\n  rules: [./${join(folder, name)}.yaml]\n`;
  const use = kind === "codec" ? `codec: ${name}` : `type: ${name}`;
  const first = findsWeir(folder) ? "" : noPackage;
  return `${first}Test it:\n  node --test ${join(folder, name)}.test.ts\nUse it in a pipeline:\n  plugins: [./${join(folder, name)}.ts]\n  … ${use}\n`;
};
