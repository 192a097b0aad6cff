#!/usr/bin/env node
// The command. It is plain JavaScript, so that an older Node can read it and say which version is needed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { useCompileCache } from "./compile-cache.js";

const wanted = 24;
const isNewEnough = Number(process.versions.node.split(".")[0]) >= wanted;
const pathOf = (path) => fileURLToPath(new URL(path, import.meta.url));
const isBuilt = existsSync(pathOf("../dist/src/cli/main.js"));

/** Runs weir in a process of its own, as if it were this one. */
const runIn = (node, args) => {
  const child = spawn(node, [...args, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
};

if (!isNewEnough) {
  // A checkout pins its own Node as a devDependency: use it rather than turn the user away.
  const pinned = pathOf("../node_modules/node/bin/node");
  if (existsSync(pinned)) {
    runIn(pinned, [pathOf("weir.js")]);
  } else {
    console.error(`weir needs Node ${wanted} or newer; this is Node ${process.versions.node} (${process.execPath}).`);
    console.error(`Install Node ${wanted}, or run \`npm ci\` in a checkout of weir, which brings its own.`);
    process.exitCode = 1;
  }
} else if (isBuilt) {
  useCompileCache();
  const { main } = await import("../dist/src/cli/main.js");
  await main(process.argv.slice(2));
} else {
  // A checkout that was installed without the development dependencies.
  const fromSources = "--conditions=weir-source";
  if (process.execArgv.includes(fromSources)) {
    const { main } = await import("../src/cli/main.ts");
    await main(process.argv.slice(2));
  } else {
    runIn(process.execPath, [fromSources, pathOf("weir.js")]);
  }
}
