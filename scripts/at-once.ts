/**
 * Runs scripts of package.json beside each other: `node scripts/at-once.ts lint:code lint:unused`. Prints what each has
 * printed when it ends, and fails if one of them fails.
 */
import { spawn } from "node:child_process";

const run = (name: string) =>
  new Promise<boolean>((resolve) => {
    const child = spawn(`npm run -s ${name}`, { shell: true, stdio: ["ignore", "pipe", "pipe"] });
    const printed: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => printed.push(bytes));
    child.on("close", (code) => {
      process.stdout.write(`> ${name}\n${Buffer.concat(printed).toString()}`);
      if (code !== 0) console.error(`"npm run ${name}" failed.`);
      resolve(code === 0);
    });
  });

const passed = await Promise.all(process.argv.slice(2).map(run));
if (passed.includes(false)) process.exitCode = 1;
