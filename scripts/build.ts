/**
 * Checks the types of everything, and builds `dist/` anew from `src` and `plugins`: their types file by file, and what weir needs to
 * run in a few files with its dependencies. To load a thousand small files would take most of the time of a command.
 */
import { spawn } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { rolldown } from "rolldown";
import { parse } from "yaml";
import type { ParsedAtBuild } from "../src/shipped.ts";
import { chunks } from "./chunks.ts";
import { compileEagerly } from "./eager-code.ts";
import { licensesOf } from "./licenses.ts";
import { startCode } from "./start-code.ts";

const tsc = fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url));

/** Runs the compiler; the build fails if that does. */
const compile = (project: string) =>
  new Promise<void>((resolve) => {
    spawn(tsc, ["-p", project], { stdio: "inherit" }).on("close", (code) => {
      if (code !== 0) process.exit(code ?? 1);
      resolve();
    });
  });

/** What the package exports, by the source of each. */
const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly exports: Readonly<Record<string, string | { readonly "weir-source": string; readonly default: string }>>;
};
const doors = Object.values(exports).flatMap((door) =>
  typeof door === "string" ? [] : [[door.default.replace(/^\.\/dist\/(.*)\.js$/, "$1"), door["weir-source"]] as const],
);

rmSync("dist", { recursive: true, force: true });
const compiled = Promise.all(["tsconfig.json", "tsconfig.build.json"].map(compile));
cpSync("plugins/rules", "dist/plugins/rules", { recursive: true });
for (const name of readdirSync("plugins/rules").filter((each) => each.endsWith(".yaml"))) {
  const text = readFileSync(`plugins/rules/${name}`, "utf8");
  const parsed: ParsedAtBuild = { crc: crc32(text), values: parse(text, { merge: true }) };
  writeFileSync(`dist/plugins/rules/${name.replace(/\.yaml$/, ".json")}`, JSON.stringify(parsed));
}

const { plugin, groups } = chunks();
const build = await rolldown({
  plugins: [plugin, startCode],
  input: {
    ...Object.fromEntries(doors),
    "src/cli/main": "src/cli/main.ts",
    // They are started beside the modules that start them.
    "src/parts/commit-worker": "src/storage/commit-worker.ts",
    "src/parts/scan-worker": "src/scan/ahead/scan-worker.ts",
  },
  platform: "node",
  resolve: {
    conditionNames: ["weir-source", "node", "import", "default"],
    // For Node, RxJS offers CommonJS, of which nothing that is not used can be left out.
    alias: { rxjs: fileURLToPath(new URL("../node_modules/rxjs/dist/esm/index.js", import.meta.url)) },
  },
  // Vitest is for tests, if they use it.
  external: [/^node:/, "bufferutil", "utf-8-validate", "vitest"],
  logLevel: "warn",
});
const { output } = await build.write({
  dir: "dist",
  format: "esm",
  entryFileNames: "[name].js",
  // Without a hash: a newer build replaces an older one in the cache of compiled code.
  chunkFileNames: "src/parts/[name].js",
  comments: { legal: true, annotation: false, jsdoc: false },
  codeSplitting: { groups },
});
await build.close();
compileEagerly("dist");
const modules = output.flatMap((file) => (file.type === "chunk" ? Object.keys(file.modules) : []));
// The expressions for user agents are in a module that was generated from this package.
const generatedFrom = fileURLToPath(new URL("../node_modules/uap-core/regexes.yaml", import.meta.url));
writeFileSync("dist/THIRD-PARTY-LICENSES.txt", licensesOf([...modules, generatedFrom]));
await compiled;
