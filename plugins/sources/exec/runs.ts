import type { Reading, SourceContext } from "weir";
import { Command, type CommandConfig, ErrorLines, type Exit, exitWords } from "weir/command";
import { backoff } from "weir/http";

export interface ExecConfig extends CommandConfig {
  readonly interval?: number;
  readonly restart: "always" | "on_failure" | "never";
  readonly backoff: { readonly initial: number; readonly max: number };
  readonly run_timeout?: number;
}

const nothing = new Uint8Array(0);

/** Runs a command repeatedly. Each run is a stream. */
export async function* readRuns(context: SourceContext<ExecConfig>): AsyncGenerator<Reading> {
  const { config, clock, signal, checkpoints, log } = context;
  // The output of an earlier run cannot be read again.
  for (const [stream, { position }] of checkpoints) yield { stream, position, bytes: nothing, forget: true };
  const name = `${clock.now()}-${process.pid}`;
  const errors = new ErrorLines(log, clock);
  for (let run = 1, failures = 0; !signal.aborted; run++) {
    const since = clock.monotonic();
    const exit = yield* readRun(context, `${name}-${run}`, errors);
    if (signal.aborted) return;
    const ran = clock.monotonic() - since;
    const isFailed = exit.code !== 0;
    // A command that ran for a while can work, so the wait starts over.
    failures = ran > config.backoff.max ? 1 : failures + 1;
    if (config.interval === undefined && !goesOn(config, isFailed)) {
      if (isFailed) log.warn(`${exitWords(exit, config)}; not restarting it`);
      return;
    }
    const wait = config.interval === undefined ? backoff(failures, config.backoff) : Math.max(0, config.interval - ran);
    const words = `${exitWords(exit, config)}; restarting it in ${Math.round(wait)} ms`;
    if (isFailed && failures === 1) log.warn(words);
    else log.debug(words);
    if (!isFailed && config.interval !== undefined) failures = 0;
    await clock.sleep(wait, signal);
  }
}

const goesOn = ({ restart }: ExecConfig, isFailed: boolean): boolean =>
  restart === "always" || (restart === "on_failure" && isFailed);

async function* readRun(
  { config, clock, signal, log, refused }: SourceContext<ExecConfig>,
  stream: string,
  errors: ErrorLines,
): AsyncGenerator<Reading, Exit> {
  const command = new Command(config, { input: false, output: true, errors: errors.run() });
  const over = new AbortController();
  const stop = () => {
    command.stop();
    command.output.destroy();
  };
  signal.addEventListener("abort", stop);
  if (config.run_timeout !== undefined)
    void clock.sleep(config.run_timeout, over.signal).then(() => {
      if (over.signal.aborted) return;
      log.warn(
        `the command "${config.command[0]}" ran longer than "run_timeout" (${config.run_timeout} ms); ending it`,
      );
      command.stop();
    });
  let position = 0;
  let isRead = false;
  try {
    for await (const bytes of command.output as AsyncIterable<Buffer>) {
      yield { stream, position, bytes };
      position += bytes.length;
    }
    isRead = true;
  } catch (error) {
    // Destroying the output makes a waiting read fail, which is expected.
    if (!signal.aborted && command.isRunning) throw error;
  } finally {
    command.output.destroy();
    if (!isRead || signal.aborted) command.stop();
    // It may go on without its output, until it is stopped or takes too long.
    await command.ended;
    signal.removeEventListener("abort", stop);
    over.abort();
  }
  const exit = await command.ended;
  if (exit.code !== 0 && !signal.aborted) refused?.("failed_run");
  if (!signal.aborted) yield { stream, position, bytes: nothing, end: true, forget: true };
  return exit;
}
