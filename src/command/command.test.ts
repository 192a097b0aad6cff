import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";

it.skipIf(process.platform !== "linux").each(["process.exit(3)", "throw new Error()"])(
  "ends with the process that runs it, also if it ignores signals: %s",
  async (end) => {
    const folder = mkdtempSync(join(tmpdir(), "weir-command-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const pid = join(folder, "pid");
    const script = join(folder, "main.ts");
    writeFileSync(
      script,
      `import { existsSync } from "node:fs";
      import { Command } from ${JSON.stringify(join(import.meta.dirname, "command.ts"))};
      const command = ["sh", "-c", "trap '' TERM; echo $$ > ${pid}.new; mv ${pid}.new ${pid}; while :; do sleep 0.1; done"];
      const errors = { push() {}, end() {} };
      const running = new Command({ command, environment: {} }, { input: true, output: true, errors });
      // Now it ignores signals.
      setInterval(() => { if (existsSync("${pid}")) { running.stop(); ${end} } }, 10);`,
    );
    spawnSync(process.execPath, ["--conditions=weir-source", script], { timeout: 30_000 });
    expect(existsSync(pid)).toBe(true);
    const status = () => {
      try {
        return readFileSync(`/proc/${readFileSync(pid, "utf8").trim()}/stat`, "utf8").split(") ")[1]![0]!;
      } catch {
        return "gone";
      }
    };
    await vi.waitUntil(() => ["gone", "Z", "X"].includes(status()), { timeout: 5_000 });
  },
);
