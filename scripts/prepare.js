// Builds weir after an installation. Without the development dependencies (npm ci --omit=dev) there is nothing to build
// with: bin/weir.js then runs the TypeScript sources. Plain JavaScript, so that an older Node can run it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const isThere = (path) => existsSync(fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url)));

if (isThere("typescript") && isThere("node")) {
  const { status } = spawnSync("npm", ["run", "build"], { stdio: "inherit", shell: process.platform === "win32" });
  process.exitCode = status ?? 1;
} else {
  console.error("weir was installed without its development dependencies, and not built: it runs from its sources.");
}
