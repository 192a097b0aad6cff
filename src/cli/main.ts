import { CommanderError } from "commander";
import { program } from "./program.ts";
import { exit, processTerminal, type Terminal } from "./terminal.ts";

/** Runs one command line and gives its exit code; it prints to `terminal` and never rejects for a user's mistake. */
export const execute = async (argv: readonly string[], terminal: Terminal): Promise<number> => {
  let code: number = exit.well;
  try {
    await program(terminal, (result) => {
      code = result;
    }).parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end a command line too; whatever else commander has to say is about usage.
    return error.exitCode === 0 ? exit.well : exit.usage;
  }
  return code;
};

/** The process's entry: it ends with the command's exit code. */
export const main = async (argv: readonly string[]): Promise<void> => {
  // Who reads only the first lines, as `head` does, has got what was wanted.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  try {
    process.exit(await execute(argv, processTerminal()));
  } catch (error) {
    console.error(error);
    process.exit(exit.failed);
  }
};
