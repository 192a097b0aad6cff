// Runs weir in a process of its own, as if it were this one. Plain JavaScript, since an older Node must be able to read it.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

const pathOf = (path) => fileURLToPath(new URL(path, import.meta.url));

const runIn = (node, args) => {
  const child = spawn(node, [...args, pathOf("weir.js"), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
};

/** This Node is older than `wanted`. A checkout pins its own as a devDependency: it is used rather than turn the user away. */
export const runPinned = (wanted) => {
  const pinned = pathOf("../node_modules/node/bin/node");
  if (existsSync(pinned) && realpathSync(pinned) !== realpathSync(process.execPath)) {
    runIn(pinned, []);
    return;
  }
  console.error(`weir needs Node ${wanted} or newer; this is Node ${process.versions.node} (${process.execPath}).`);
  console.error(`Install Node ${wanted}, or run \`npm ci\` in a checkout of weir, which brings its own.`);
  process.exitCode = 1;
};

/** This Node is new enough to run the sources as they are. */
export const runSources = () => runIn(process.execPath, ["--conditions=weir-source"]);
