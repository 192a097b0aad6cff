import { CommanderError } from "commander";
import { NoTemporaryFolder } from "../temporary-folder.ts";
import { leave } from "./leave.ts";
import { program } from "./program.ts";
import { exit, processTerminal, type Terminal } from "./terminal.ts";

/** Runs one command line and resolves to its exit code. It prints to `terminal`, and does not reject for usage errors. */
export const execute = async (argv: readonly string[], terminal: Terminal): Promise<number> => {
  let code: number = exit.success;
  try {
    await program(argv, terminal, (result) => {
      code = result;
    }).parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof NoTemporaryFolder) {
      terminal.error(`${error.message}\n`);
      return exit.failed;
    }
    if (!(error instanceof CommanderError)) throw error;
    // Help and version also end with an error, of code 0; all others are usage errors.
    return error.exitCode === 0 ? exit.success : exit.usage;
  }
  return code;
};

/** The entry point: the process ends with the exit code of the command. */
export const main = async (argv: readonly string[]): Promise<void> => {
  // A reader such as `head` closes the pipe when it has enough: that is not an error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  // Nobody reads the messages any more: the command goes on without them.
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") process.exit(exit.failed);
  });
  try {
    const code = await execute(argv, processTerminal());
    // Exiting discards what a pipe has not taken yet.
    await Promise.all([drained(process.stdout), drained(process.stderr)]);
    await leave(code);
  } catch (error) {
    console.error(error);
    process.exit(exit.failed);
  }
};

/** Resolves when everything written so far has been taken, or cannot be any more. */
const drained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write("", () => resolve());
  });
