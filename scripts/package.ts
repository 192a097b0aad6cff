import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { copyOptionalPackages } from "./optional-packages.ts";

/**
 * Builds `release/weir`, or `weir` in the folder that is given: one file with Node, weir, its dependencies, and the rules, pipelines and examples that come with it.
 * It runs where no Node is installed, on the platform on which it is built (Linux). Beside it, `node_modules` has the optional packages, for
 * images.
 */
if (process.platform !== "linux") {
  console.error(`The executable is built on Linux only; this is ${process.platform}.`);
  process.exit(1);
}

const [into = "release"] = process.argv.slice(2);
const part = (name: string) => join(into, "parts", name);
rmSync(into, { recursive: true, force: true });
mkdirSync(join(into, "parts"), { recursive: true });

/** One file of CommonJS, which is what Node runs as the main script of an executable. */
const bundle = async (input: string, file: string): Promise<void> => {
  const build = await rolldown({
    input,
    platform: "node",
    resolve: { conditionNames: ["weir-source", "node", "import", "default"] },
    external: [/^node:/, "bufferutil", "utf-8-validate"],
    logLevel: "warn",
    // Only what is not inside an executable asks where its module is.
    transform: { define: { "import.meta.resolve": "undefined" } },
  });
  await build.write({ file, format: "cjs", codeSplitting: false, sourcemap: false });
  await build.close();
};

await bundle("src/executable/main.ts", part("main.js"));
await bundle("src/storage/commit-worker.ts", part("commit-worker.js"));
await bundle("src/scan/ahead/scan-worker.ts", part("scan-worker.js"));

/** What comes with weir, by its path in the package. */
const shipped = ["plugins/rules", "pipelines", "examples", "examples/recipes"].flatMap((folder) =>
  readdirSync(folder)
    .map((name) => `${folder}/${name}`)
    .filter((path) => statSync(path).isFile()),
);
const assets = Object.fromEntries(["package.json", ...shipped].map((path) => [path, path]));
const config = {
  main: part("main.js"),
  output: part("blob"),
  disableExperimentalSEAWarning: true,
  execArgv: ["--disable-warning=ExperimentalWarning"],
  useCodeCache: true,
  assets: {
    ...assets,
    "commit-worker.js": part("commit-worker.js"),
    "scan-worker.js": part("scan-worker.js"),
  },
};
writeFileSync(part("config.json"), JSON.stringify(config));

const require = createRequire(import.meta.url);
const node = require.resolve("node/bin/node");
const program = join(into, "weir");
run(node, "--experimental-sea-config", part("config.json"));
copyFileSync(node, program);
chmodSync(program, 0o755);
// Symbols for debuggers are a seventh of the file; after the injection it can no longer be stripped.
if (spawnSync("strip", [program]).status !== 0) console.error("There is no strip here: the file is larger.");
const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";
run(node, require.resolve("postject/dist/cli.js"), program, "NODE_SEA_BLOB", part("blob"), "--sentinel-fuse", fuse);
rmSync(join(into, "parts"), { recursive: true });
const packages = copyOptionalPackages(into);
console.log(`${join(into, "node_modules")}: ${packages.length} packages`);
console.log(`${program}: ${Math.round(statSync(program).size / 1e6)} MB`);

function run(command: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  console.error(stdout + stderr);
  process.exit(status ?? 1);
}
