import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CodecPlugin } from "../src/codec.ts";
import { ruleTypes } from "../src/detection/rule-types.ts";
import { type Option, option } from "../src/option/option.ts";
import type { Plugin } from "../src/plugin.ts";
import { apiPage, docBefore } from "../src/reference/api-page.ts";
import { editorSchema } from "../src/reference/editor-schema.ts";
import { codecPage, indexPage, optionPage, pagePath, pluginPage, rulePage } from "../src/reference/page.ts";
import { type PluginFile, pluginFile, pluginIndex, pluginLoaders } from "../src/reference/plugin-index.ts";
import { recipePage } from "../src/reference/recipe-page.ts";
import { testFileSchema } from "../src/reference/test-schema.ts";
import { describedOptions } from "../src/rules/rule-options.ts";
import { doors } from "./doors.ts";
import { digestOf, ecsDigest } from "./ecs-table.ts";
import { userAgentModule } from "./user-agent-patterns.ts";

// Writes what follows from the plugins; with --check it writes nothing and fails when a file is not as it would be.
const root = fileURLToPath(new URL("..", import.meta.url));

const load = async ({ path, kind, name }: PluginFile): Promise<Plugin | CodecPlugin> => {
  const { default: plugin } = (await import(join(root, "plugins", path))) as { default: Plugin | CodecPlugin };
  if (plugin?.kind === kind && plugin.name === name) return plugin;
  throw new Error(
    `plugins/${path} is to export, by default, the ${kind} "${name}"; it exports ${plugin?.kind} "${plugin?.name}".`,
  );
};

const generated = async (): Promise<Map<string, string>> => {
  const paths = await readdir(join(root, "plugins"), { recursive: true });
  const files = paths.sort().flatMap((path) => pluginFile(path) ?? []);
  const loaded = await Promise.all(files.map(load));
  const codecs = loaded.filter((plugin) => plugin.kind === "codec");
  const plugins = loaded.filter((plugin) => plugin.kind !== "codec");
  const { common, types } = describedOptions(ruleTypes);
  return new Map([
    ["plugins/index.ts", pluginIndex(files)],
    ["plugins/loaders.ts", pluginLoaders(files)],
    ["plugins/transforms/remap/user-agents/patterns.ts", userAgentModule()],
    ["schema/pipeline.json", `${JSON.stringify(editorSchema(plugins, codecs), undefined, 2)}\n`],
    ["schema/tests.json", `${JSON.stringify(testFileSchema, undefined, 2)}\n`],
    ["docs/reference/README.md", indexPage(loaded)],
    ["docs/reference/rules.md", rulePage(common, types)],
    ["docs/recipes.md", recipePage(await recipes())],
    ...plugins.map((plugin): [string, string] => [`docs/reference/${pagePath(plugin)}`, pluginPage(plugin)]),
    ...codecs.map((codec): [string, string] => [`docs/reference/${pagePath(codec)}`, codecPage(codec)]),
  ]);
};

const recipes = async () => {
  const folder = join(root, "examples/recipes");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml"));
  return Promise.all(
    files.map(async (file) => ({ name: basename(file, ".yaml"), text: await readFile(join(folder, file), "utf8") })),
  );
};

/** Pages made from the declaration files, which the build writes. */
const declared = (): Map<string, string> =>
  new Map([
    ["docs/reference/api.md", apiPage(doors, declarations)],
    ["docs/reference/options.md", optionPage(optionKinds(declarations("src/option/option.d.ts")))],
  ]);

const declarations = (path: string): string => readFileSync(join(root, "dist", path), "utf8");

/** A value of each kind that needs more than a description. */
const examples: Readonly<Record<string, (description: string) => Option>> = {
  compiled: option.compiled("a text that `compile` accepts", (text) => text),
  oneOf: option.oneOf("a", "b"),
  list: option.list(option.text),
  map: option.map(option.text, { title: "a name", pattern: "^[a-z]+$" }),
  group: option.group({ a: option.text("A."), b: option.text("B.") }),
  optional: (description) => option.optional(option.text(description)),
};

const optionKinds = (text: string) =>
  Object.entries(option).map(([name, kind]) => {
    const make = examples[name] ?? (kind as (description: string) => Option);
    const [before = ""] = text.split(new RegExp(`^ +readonly ${name}: `, "m"));
    return { name, title: String(make("What it is for.")["title"]), doc: docBefore(before, before.length) };
  });

/** Pages of plugins that are gone. */
const leftOver = async (wanted: ReadonlyMap<string, string>): Promise<string[]> => {
  const pages = await readdir(join(root, "docs/reference"), { recursive: true }).catch(() => []);
  return pages.map((page) => `docs/reference/${page}`).filter((page) => page.endsWith(".md") && !wanted.has(page));
};

const current = (path: string): Promise<string | undefined> =>
  readFile(join(root, path), "utf8").catch(() => undefined);

/** Writes the files that differ. */
async function write(files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) {
    if ((await current(path)) === text) continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    console.log(`wrote ${path}`);
  }
}

// The fields of ECS come from a package that is not installed here, so it can only be checked that nobody changed them.
const ecsPath = "src/fields/ecs-fields.ts";
if (digestOf((await current(ecsPath)) ?? "") !== ecsDigest) {
  console.error(
    `${ecsPath} is not as scripts/ecs.ts wrote it. Run \`npm run ecs VERSION\`, which downloads the package.`,
  );
  process.exit(1);
}

const isCheck = process.argv.includes("--check");
const wanted = await generated();
if (!isCheck) {
  // The declarations are those of the plugins as they are now.
  await write(wanted);
  const { status } = spawnSync(process.execPath, ["scripts/build.ts"], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
for (const [path, text] of declared()) wanted.set(path, text);
const stale: string[] = [];
for (const [path, text] of wanted) if ((await current(path)) !== text) stale.push(path);
const gone = await leftOver(wanted);

if (isCheck) {
  for (const path of [...stale, ...gone]) console.error(`${path} does not follow from the plugins any more.`);
  if (stale.length + gone.length > 0) {
    console.error("Run `npm run generate` and commit what it writes.");
    process.exit(1);
  }
} else {
  await write(wanted);
  for (const path of gone) {
    await rm(join(root, path));
    console.log(`removed ${path}`);
  }
}
