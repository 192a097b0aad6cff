import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

const module = new URL("./uncaught.ts", import.meta.url).href;

/** Runs code in a process that reports to standard output. */
const outputOf = (code: string) => {
  const script = `
    import { reportUncaught } from ${JSON.stringify(module)};
    reportUncaught({ error: (message, { stack }) => console.log(message + (stack ? " (stack)" : "")) });
    ${code}
    setTimeout(() => console.log("still running"), 60_000);`;
  const { status, stdout } = spawnSync(
    process.execPath,
    ["--conditions=weir-source", "--input-type=module", "--eval", script],
    { encoding: "utf8" },
  );
  return { status, stdout };
};

it.each([
  ['setTimeout(() => { throw new Error("no such window"); });', "a callback threw", "no such window (stack)"],
  ['Promise.reject(new Error("refused"));', "a promise that nothing awaits was rejected", "refused (stack)"],
])("%s ends the process with a sentence", (code, what, message) => {
  expect(outputOf(code)).toEqual({
    status: 1,
    stdout: `${what}, and the run ends; the next start continues from the last commit. If the stack names a plugin, await the promise there, or catch the error: ${message}\n`,
  });
});
