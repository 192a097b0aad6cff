import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";

const module = fileURLToPath(new URL("leave.ts", import.meta.url));

/** Runs a script whose standard output nobody reads. Gives its exit code. */
const unread = async (script: string) => {
  const text = `import { write } from "node:fs"; import { leave, leaveNow, watchThreads } from ${JSON.stringify(module)};
    const stuck = () => write(1, Buffer.alloc(8 << 20), () => undefined);
    ${script}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", text], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdout.pause();
  const [code] = (await once(child, "exit")) as [number];
  return code;
};

it("ends with its code when nothing is stuck", async () => {
  expect(await unread("await leave(0)")).toBe(0);
  expect(await unread("await leave(3)")).toBe(3);
});

it("ends with its code although a thread is stuck in a write to a pipe that nobody reads", async () => {
  expect(await unread("stuck(); await leave(0)")).toBe(0);
  expect(await unread("stuck(); await leave(78)")).toBe(78);
  expect(await unread("stuck(); leaveNow(1)")).toBe(1);
});

it("ends with its code when another thread is said to be stuck", async () => {
  expect(await unread("watchThreads(() => true); await leave(6)")).toBe(6);
});

it("calls what is to be done at the exit, once", async () => {
  const script = `let times = 0; process.on("exit", () => { times++; if (times > 1) process.kill(process.pid, "SIGKILL"); });
    process.on("exit", (code) => { if (code !== 4) process.kill(process.pid, "SIGKILL"); }); stuck(); leaveNow(4)`;
  expect(await unread(script)).toBe(4);
});
