import { Option } from "commander";
import { durationArgument, listenArgument, sizeArgument, timeArgument, workersArgument } from "./arguments.ts";
import type { Terminal } from "./terminal.ts";

// Options that several commands have, and how they are written.

/** Where a pipeline that names no other directory keeps its data. */
export const defaultDataDir = ".weir";

export const dataDirOption = (): Option =>
  new Option("--data-dir <directory>", "the directory for checkpoints, state and outboxes").default(defaultDataDir);

/** Of a command that has a pipeline, which may name the directory, too. */
export const pipelineDataDirOption = (): Option =>
  new Option(
    "--data-dir <directory>",
    `the directory for checkpoints, state and outboxes (default: "data_dir" of the pipeline, or "${defaultDataDir}")`,
  );

export const listenOption = (): Option =>
  new Option(
    "--listen <address>",
    "serve /health, /ready and /metrics at this address, such as 127.0.0.1:9598; a port alone means the loopback address",
  ).argParser(listenArgument);

export const listenHostOption = (): Option =>
  new Option(
    "--listen-host <names>",
    "names by which clients reach --listen through a proxy, separated by commas, if it is a loopback address",
  ).argParser((text) => text.split(",").map((name) => name.trim()));

export const drainOption = (): Option =>
  new Option("--drain <duration>", "how long to deliver what was read before stopping; the rest stays on disk")
    .argParser(durationArgument)
    .default(30_000, "30s");

export const deadLetterSizeOption = (): Option =>
  new Option("--dead-letter-size <size>", "the size limit for dead letters; sources wait when it is reached")
    .argParser(sizeArgument)
    .default(1024 ** 3, "1GiB");

export const workersOption = (): Option =>
  new Option(
    "--workers <number>",
    "threads that look ahead in large files for records that filters or rules can match; auto: one less than there are cores",
  )
    .argParser(workersArgument)
    .default(0, "none");

export const logLevelOption = (): Option =>
  choice("--log-level <level>", "the minimum level to log", ["debug", "info", "warn", "error"], "info");

export const logFormatOption = (terminal: Terminal): Option =>
  choice("--log-format <format>", "the format of the log", ["pretty", "json"], logFormat(terminal));

export const choice = (flags: string, description: string, choices: readonly string[], otherwise: string): Option =>
  new Option(flags, description).choices(choices).default(otherwise);

const logFormat = ({ isInteractive = false }: Terminal): string => (isInteractive ? "pretty" : "json");

export const tapFormat = ({ isOutInteractive = false }: Terminal): string => (isOutInteractive ? "pretty" : "json");

export const testNameOption = ["--name <glob>", "only tests with such a name; * stands for any text"] as const;
export const testFormat = () =>
  choice("--format <format>", "how to report the results", ["pretty", "junit", "tap"], "pretty");
export const testOutputOption = ["--output <file>", "write the report to this file, and print a pretty one"] as const;

export const receivedAt = () =>
  new Option("--at <time>", "when weir receives it; now by default").argParser(timeArgument);
export const advanceAfterwards = () =>
  new Option("--advance <duration>", "let this much time pass afterwards, so that windows close")
    .argParser(durationArgument)
    .default(0, "0s");
