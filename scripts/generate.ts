import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "../src/plugin.ts";
import { editorSchema } from "../src/reference/editor-schema.ts";
import { indexPage, pagePath, pluginPage } from "../src/reference/page.ts";
import { type PluginFile, pluginFile, pluginIndex } from "../src/reference/plugin-index.ts";
import { testFileSchema } from "../src/reference/test-schema.ts";
import { digestOf, ecsDigest } from "./ecs-table.ts";

// Writes what follows from the plugins; with --check it writes nothing and fails when a file is not as it would be.
const root = fileURLToPath(new URL("..", import.meta.url));

const load = async ({ path, kind, name }: PluginFile): Promise<Plugin> => {
  const { default: plugin } = (await import(join(root, "plugins", path))) as { default: Plugin };
  if (plugin?.kind === kind && plugin.name === name) return plugin;
  throw new Error(
    `plugins/${path} is to export, by default, the ${kind} "${name}"; it exports ${plugin?.kind} "${plugin?.name}".`,
  );
};

const generated = async (): Promise<Map<string, string>> => {
  const paths = await readdir(join(root, "plugins"), { recursive: true });
  const files = paths.sort().flatMap((path) => pluginFile(path) ?? []);
  const plugins = await Promise.all(files.map(load));
  return new Map([
    ["plugins/index.ts", pluginIndex(files)],
    ["schema/pipeline.json", `${JSON.stringify(editorSchema(plugins), undefined, 2)}\n`],
    ["schema/tests.json", `${JSON.stringify(testFileSchema, undefined, 2)}\n`],
    ["docs/reference/README.md", indexPage(plugins)],
    ...plugins.map((plugin): [string, string] => [`docs/reference/${pagePath(plugin)}`, pluginPage(plugin)]),
  ]);
};

/** Pages of plugins that are gone. */
const leftOver = async (wanted: ReadonlyMap<string, string>): Promise<string[]> => {
  const pages = await readdir(join(root, "docs/reference"), { recursive: true }).catch(() => []);
  return pages.map((page) => `docs/reference/${page}`).filter((page) => page.endsWith(".md") && !wanted.has(page));
};

const current = (path: string): Promise<string | undefined> =>
  readFile(join(root, path), "utf8").catch(() => undefined);

// The fields of ECS come from a package that is not installed here, so it can only be checked that nobody changed them.
const ecsPath = "src/fields/ecs-fields.ts";
if (digestOf((await current(ecsPath)) ?? "") !== ecsDigest) {
  console.error(
    `${ecsPath} is not as scripts/ecs.ts wrote it. Run \`npm run ecs VERSION\`, which downloads the package.`,
  );
  process.exit(1);
}

const wanted = await generated();
const stale: string[] = [];
for (const [path, text] of wanted) if ((await current(path)) !== text) stale.push(path);
const gone = await leftOver(wanted);

if (process.argv.includes("--check")) {
  for (const path of [...stale, ...gone]) console.error(`${path} does not follow from the plugins any more.`);
  if (stale.length + gone.length > 0) {
    console.error("Run `npm run generate` and commit what it writes.");
    process.exit(1);
  }
} else {
  for (const path of stale) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), wanted.get(path) ?? "");
    console.log(`wrote ${path}`);
  }
  for (const path of gone) {
    await rm(join(root, path));
    console.log(`removed ${path}`);
  }
}
