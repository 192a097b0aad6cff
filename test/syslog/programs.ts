import { spawn, spawnSync } from "node:child_process";
import { existsSync, globSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** Where a program is, if it is there; `reason`: why tests with it are left out. */
const find = (name: string): string | undefined => {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
};

export const programs = { rsyslogd: find("rsyslogd"), "syslog-ng": find("syslog-ng"), logger: find("logger") };

for (const [name, path] of Object.entries(programs))
  if (!path) console.warn(`syslog: tests with ${name} are left out, since it is not installed`);

/** Starts a server and waits until something listens on the port; it ends with the test. */
const start = async (program: string, args: readonly string[], port: number): Promise<void> => {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (said += String(bytes)));
  onTestFinished(() => void child.kill("SIGKILL"));
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}: ${said}`);
    await sleep(20);
  }
};

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.on("connect", () => socket.destroy()).on("error", () => resolve(false));
  });

/** Starts rsyslog with a configuration. Its package may be unpacked beside the one that is installed. */
export const startRsyslog = (folder: string, config: string, port: number): Promise<void> => {
  const program = programs.rsyslogd!;
  const [modules] = globSync(join(dirname(program), "../lib/*/rsyslog"));
  const file = join(folder, "rsyslog.conf");
  writeFileSync(file, `global(workDirectory="${folder}" maxMessageSize="64k")\n${config}`);
  const where = modules === undefined ? [] : ["-M", modules];
  return start(program, ["-n", "-i", join(folder, "rsyslog.pid"), "-f", file, ...where], port);
};

/** Starts syslog-ng with a configuration. */
export const startSyslogNg = (folder: string, config: string, port: number): Promise<void> => {
  const program = programs["syslog-ng"]!;
  const file = join(folder, "syslog-ng.conf");
  const version = /(\d+\.\d+)/.exec(spawnSync(program, ["--version"], { encoding: "utf8" }).stdout)![1];
  writeFileSync(file, `@version: ${version}\n${config}`);
  const own = ["persist", "pid", "ctl"].map(
    (name, index) => `--${["persist-file", "pidfile", "control"][index]}=${join(folder, name)}`,
  );
  return start(program, ["--foreground", "--no-caps", `--cfgfile=${file}`, ...own], port);
};

/** Runs util-linux's logger. */
export const logger = (...args: readonly string[]): void => {
  const { status, stderr } = spawnSync(programs.logger!, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`logger ended with ${status}: ${stderr}`);
};
