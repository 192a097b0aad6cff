import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";

/** Types are checked over everything first; then `dist/` is built anew from `src` and `plugins`. */
const run = (...args: string[]) => {
  const { status } = spawnSync("npx", ["--no-install", "tsc", ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};

run("-p", "tsconfig.json");
rmSync("dist", { recursive: true, force: true });
run("-p", "tsconfig.build.json");
cpSync("plugins/rules", "dist/plugins/rules", { recursive: true });
