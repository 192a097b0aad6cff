import { type Command, Option } from "commander";
import { amountArgument, listArgument, momentArgument } from "./arguments.ts";
import type { Done } from "./stored-commands.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `weir backtest`. */
export const addBacktest = (weir: Command, terminal: Terminal, done: Done): void => {
  weir
    .command("backtest")
    .description("say which alerts a pipeline would have raised on recorded files; nothing is sent")
    .argument("<file>", "the pipeline file (YAML)")
    .requiredOption("--input <files...>", "recorded files or globs, also compressed with gzip, in place of the source")
    .option("--source <id>", "the source that the files replace; needed if there are several")
    .addOption(
      new Option(
        "--since <time>",
        "count alerts from here on: a date, a time, or 7d for seven days before the last event; earlier events are history",
      ).argParser(momentArgument),
    )
    .addOption(new Option("--until <time>", "read only events up to this time").argParser(momentArgument))
    .addOption(
      new Option(
        "--rule <name>",
        "only this rule, by name, id or tag; * stands for any text; can be repeated",
      ).argParser(listArgument),
    )
    .option("--time <field>", "the field with the time of each event; without it, the usual ones are tried")
    .addOption(
      new Option("--fail-above <alerts>", "fail if a rule raises more alerts a day than this").argParser(
        amountArgument,
      ),
    )
    .option("--json", "print JSON")
    .action(async (file, options) => done(await (await import("./backtest.ts")).backtest(file, options, terminal)));
};
