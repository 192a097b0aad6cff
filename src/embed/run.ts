import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trusted } from "../cli/plugins.ts";
import type { Log } from "../context.ts";
import { notReady } from "../control/running.ts";
import { openDataDir } from "../runtime/data-dir.ts";
import { Runtime } from "../runtime/runtime.ts";
import type { Stats } from "../runtime/stats.ts";
import { pipelineOf } from "./load.ts";
import type { RunOptions } from "./options.ts";
import { EventTap, type TapOptions } from "./tap.ts";

/** A pipeline that runs in this process. */
export class RunningPipeline {
  /**
   * Resolves when the run is over. `finished`: all sources have ended and everything is delivered. `stopped`: undelivered events
   * are in the data dir. Rejects if a component broke its contract, with the component's id in the message.
   */
  readonly ended: Promise<"finished" | "stopped">;
  readonly #runtime: Runtime;

  constructor(runtime: Runtime, over: () => void) {
    this.#runtime = runtime;
    this.ended = runtime.ended.then((ending) => {
      over();
      if (ending.how !== "failed") return ending.how;
      const { component, error } = ending;
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`"${component}" failed, and the run ended: ${message}`, { cause: error });
    });
    // Whoever does not look at `ended` must not lose the process to an unhandled rejection.
    this.ended.catch(() => undefined);
  }

  /** The counters of all components, read at one moment. */
  status(): Stats {
    return this.#runtime.stats();
  }

  /** What keeps the run from working as it should, by component; empty if nothing does. */
  notReady(): ReadonlyMap<string, string> {
    return notReady(this.#runtime);
  }

  /**
   * Shows events as they leave components, or with `inputs` as they enter them, from now on. `glob`: ids of components, or outputs
   * such as `route.errors`, in which `*` stands for any text. Throws if nothing matches, if the query is wrong, or if there
   * are 16 taps already.
   */
  tap(glob: string, options: TapOptions = {}): EventTap {
    return new EventTap(this.#runtime.tap({ ...options, glob }).tap);
  }

  /** Stops reading, and delivers what was read, for at most `drain` milliseconds; the rest stays in the data dir. */
  async stop({ drain = 30_000 }: { readonly drain?: number } = {}): Promise<void> {
    await this.#runtime.stop(drain);
    await this.ended.catch(() => undefined);
  }
}

const silent = (): void => undefined;
const noLog: Log = { debug: silent, info: silent, warn: silent, error: silent };

/** Checks a pipeline and starts it; resolves when it runs. Throws a `PipelineError` if it has errors. */
export const run = async (pipeline: string | object, options: RunOptions): Promise<RunningPipeline> => {
  const { topology, dataDir: ofPipeline } = await pipelineOf(pipeline, options);
  const { log = () => noLog, deadLetterSize } = options;
  const given = options.dataDir ?? ofPipeline;
  const temporary = given === undefined ? mkdtempSync(join(tmpdir(), "weir-")) : undefined;
  const remove = () => {
    process.off("exit", remove);
    if (temporary) rmSync(temporary, { recursive: true, force: true });
  };
  process.once("exit", remove);
  try {
    const data = openDataDir(temporary ?? given!);
    for (const told of data.repairs) log("weir").error(told);
    const runtime = await build(() => {
      const built: Runtime = new Runtime(topology, data, {
        log,
        trusted,
        ...(deadLetterSize !== undefined && { deadLetterSize }),
        onGone: () => void built.stop(0),
      });
      return built;
    }, data);
    const running = new RunningPipeline(runtime, remove);
    await runtime.start();
    return running;
  } catch (error) {
    remove();
    throw error;
  }
};

/** A component that cannot be built leaves the data dir to the next run. */
const build = async (make: () => Runtime, data: { close(): Promise<void> }): Promise<Runtime> => {
  try {
    return make();
  } catch (error) {
    await data.close();
    throw error;
  }
};
