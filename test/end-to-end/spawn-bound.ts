import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";

/** From util-linux; elsewhere than on Linux there is none. */
const hasSetpriv = spawnSync("setpriv", ["--version"]).status === 0;

/** As `spawn`, but Linux kills the child when the process of the test ends, in whatever way. */
export const spawnBound = (command: string, args: readonly string[], options: SpawnOptions): ChildProcess =>
  hasSetpriv ? spawn("setpriv", ["--pdeathsig", "KILL", command, ...args], options) : spawn(command, args, options);
