import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const module = fileURLToPath(new URL("peak-memory.ts", import.meta.url));
const measure = `import(${JSON.stringify(module)}).then(({ peakMemory }) => console.log(peakMemory()))`;

it.runIf(process.platform === "linux")(
  "is that of the process alone, whatever the one that started it has taken",
  () => {
    const held = 512 * 1024 * 1024;
    const parent = `const held = Buffer.alloc(${held}, 1);
    const { stdout } = require("node:child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(measure)}]);
    console.log(String(stdout), held.length);`;
    const { stdout } = spawnSync(process.execPath, ["-e", parent], { encoding: "utf8" });
    const [peak = Number.NaN, size] = stdout.trim().split(/\s+/).map(Number);
    expect(size).toBe(held);
    expect(peak).toBeGreaterThan(2 ** 20);
    expect(peak).toBeLessThan(held);
  },
);
