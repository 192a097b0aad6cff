import { type ChildProcess, spawn } from "node:child_process";
import { PassThrough, Readable, type Writable } from "node:stream";
import type { CommandConfig } from "./options.ts";

/** How a command ended. `error` is set if it could not be started. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: NodeJS.ErrnoException;
}

/** How long a command may take to exit after SIGTERM, in milliseconds. */
const grace = 5_000;

/** All running commands. Those that do not exit in time are killed when weir ends. */
const running = new Set<Command>();
const killAll = () => {
  for (const command of running) command.kill();
};

/** A running command, with the processes that it starts. */
export class Command {
  /** Resolves when the command has exited and its output is closed; never rejects. */
  readonly ended: Promise<Exit>;
  readonly #child: ChildProcess;
  #kill: NodeJS.Timeout | undefined;

  /**
   * `input`: whether the caller writes to its standard input; `output`: whether the caller reads its standard output;
   * `errors` receives its standard error.
   */
  constructor(
    { command, working_directory, environment }: CommandConfig,
    {
      input,
      output,
      errors,
    }: {
      readonly input: boolean;
      readonly output: boolean;
      readonly errors: { readonly push: (bytes: Buffer) => void; readonly end: () => void };
    },
  ) {
    const [program = "", ...args] = command;
    this.#child = spawn(program, args, {
      cwd: working_directory,
      env: { ...process.env, ...environment },
      stdio: [input ? "pipe" : "ignore", output ? "pipe" : "ignore", "pipe"],
      // A group of its own, so that everything in it can be ended together.
      detached: process.platform !== "win32",
    });
    if (running.size === 0) process.on("exit", killAll);
    running.add(this);
    // Without descriptors left, it has no streams.
    this.#child.stderr?.on("data", errors.push);
    // A command that ends without reading its input is judged by its exit code.
    this.#child.stdin?.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      const end = (exit: Exit) => {
        clearTimeout(this.#kill);
        running.delete(this);
        if (running.size === 0) process.off("exit", killAll);
        errors.end();
        resolve(exit);
      };
      this.#child.once("error", (error: NodeJS.ErrnoException) => {
        // A signal that cannot be sent is no failed start.
        if (this.#child.pid === undefined) end({ code: null, signal: null, error });
      });
      this.#child.once("close", (code, signal) => end({ code, signal }));
    });
  }

  get input(): Writable {
    return this.#child.stdin ?? new PassThrough();
  }

  get output(): Readable {
    return this.#child.stdout ?? Readable.from([]);
  }

  get isRunning(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends SIGTERM, and SIGKILL five seconds later if it is still running. */
  stop(): void {
    this.#signal("SIGTERM");
    this.#kill ??= setTimeout(() => this.kill(), grace);
    this.#kill.unref();
  }

  /** Sends SIGKILL. */
  kill(): void {
    this.#signal("SIGKILL");
    // What it has started may hold these open.
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) stream?.destroy();
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, signal);
    } catch {
      // The group has ended.
    }
  }
}

/** How a command ended, as a clause for a message. */
export const exitWords = ({ code, signal, error }: Exit, { command, working_directory }: CommandConfig): string => {
  const [program = ""] = command;
  if (error?.code === "ENOENT")
    return working_directory === undefined
      ? `the command "${program}" does not exist`
      : `the command "${program}" or the folder "${working_directory}" does not exist`;
  if (error?.code === "EACCES") return `this user is not allowed to run the command "${program}"`;
  if (error) return `the command "${program}" cannot be started: ${error.message}`;
  return signal
    ? `the command "${program}" was killed by ${signal}`
    : `the command "${program}" exited with code ${code}`;
};
