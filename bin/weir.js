#!/usr/bin/env node
// The command. It is plain JavaScript, so that an older Node can read it and say which version is needed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const wanted = 24;
if (Number(process.versions.node.split(".")[0]) >= wanted) {
  const { main } = await import("../dist/src/cli/main.js");
  await main(process.argv.slice(2));
} else {
  // A checkout pins its own Node as a devDependency: use it rather than turn the user away.
  const pinned = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));
  if (!existsSync(pinned)) {
    console.error(`weir needs Node ${wanted} or newer; this is Node ${process.versions.node} (${process.execPath}).`);
    console.error(`Install Node ${wanted}, or run \`npm ci\` in a checkout of weir, which brings its own.`);
    process.exit(1);
  }
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
