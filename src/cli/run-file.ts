import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError } from "commander";
import { durationOf } from "../config/decode.ts";
import { type ListenAddress, listenAddress } from "../observe/listen-address.ts";
import { loadPipelineFile } from "./load-file.ts";
import type { RunOptions } from "./run.ts";
import { tellProblems } from "./tell.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Checks a pipeline and runs it until it ends or is told to stop. */
export const runFile = async (file: string, options: RunOptions, terminal: Terminal): Promise<number> => {
  const loaded = await loadPipelineFile(file);
  tellProblems(loaded, terminal);
  if (!loaded.ok) return exit.config;
  // Loaded when it is asked for: the other commands start without the runtime.
  const { runTopology } = await import("./run.ts");
  if (!options.temporary) return runTopology(loaded.value.topology, options);
  const dataDir = mkdtempSync(join(tmpdir(), "weir-"));
  try {
    return await runTopology(loaded.value.topology, { ...options, dataDir });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
};

/** Reads the value of an option such as `--drain 30s`, in milliseconds. */
export const durationArgument = (text: string): number => {
  if (/^[0-9]+(ms|s|m|h|d)$/.test(text)) return durationOf(text);
  throw new InvalidArgumentError("It is a duration such as 500ms, 30s or 5m.");
};

/** Reads the value of `--listen`. */
export const listenArgument = (text: string): ListenAddress => {
  const address = listenAddress(text);
  if (address) return address;
  throw new InvalidArgumentError("It is an address and a port, such as 127.0.0.1:9598 or [::1]:9598, or a port.");
};
