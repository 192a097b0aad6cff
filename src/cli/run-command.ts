import { type Command, Option } from "commander";
import {
  deadLetterSizeOption,
  drainOption,
  listenHostOption,
  listenOption,
  logFormatOption,
  logLevelOption,
  pipelineDataDirOption,
  workersOption,
} from "./program-options.ts";
import type { Done } from "./stored-commands.ts";
import type { Terminal } from "./terminal.ts";

/** The command that runs a pipeline. */
export const addRun = (weir: Command, terminal: Terminal, done: Done): void => {
  weir
    .command("run")
    .description("run a pipeline until its sources end or a signal stops it")
    .argument("<file>", "the pipeline file (YAML)")
    .addOption(pipelineDataDirOption())
    .addOption(
      new Option("--temporary", "use a temporary data dir, removed at the end, to try out a pipeline").conflicts(
        "dataDir",
      ),
    )
    .addOption(
      new Option(
        "--recover",
        "start although the data dir has lost commits: deliver what is intact in its outboxes, possibly again",
      ).conflicts("temporary"),
    )
    .option("--stats <file>", "at the end, write the counters of all components to this file as JSON")
    .addOption(listenOption())
    .addOption(listenHostOption())
    .addOption(drainOption())
    .addOption(deadLetterSizeOption())
    .option("--check-plugins", checkingPlugins)
    .option(
      "--decode-all",
      "decode every record, also those that no filter or rule can match; only the speed depends on it",
    )
    .addOption(workersOption())
    .option("--watch", "reload the pipeline when its file, or a rule, plugin, secret or certificate of it, changes")
    .addOption(logLevelOption())
    .addOption(logFormatOption(terminal))
    .action(async (file, options) => done(await (await import("./run-file.ts")).runFile(file, options, terminal)));
};

const checkingPlugins =
  "run RxJS transforms again on their first events, cut into other batches, and end the run if the result differs; what their plugins do outside of weir is repeated";
