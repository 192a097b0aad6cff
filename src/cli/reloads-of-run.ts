import { resolve } from "node:path";
import { systemClock } from "../clock.ts";
import { formatProblems } from "../config/format.ts";
import type { DiffAnswer, Reloading } from "../control/control.ts";
import type { Log } from "../plugin.ts";
import { comparedOf } from "../reload/compared.ts";
import { type Change, differenceOf } from "../reload/difference.ts";
import { type Loading, type Reloaded, Reloader, type ReloadHistory } from "../reload/reloader.ts";
import { watchFiles } from "../reload/watch.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Topology } from "../topology/topology.ts";
import { type LoadedFile, loadPipelineFile } from "./load-file.ts";
import { defaultDataDir } from "./program-options.ts";

/** A pipeline file, as it was loaded for the start. */
export interface LoadedPipeline {
  readonly file: string;
  readonly loaded: Extract<LoadedFile, { readonly ok: true }>;
  /** The data dir that it stands for, if the run uses that one. */
  readonly dataDir?: string;
}

export interface ReloadsOptions {
  readonly topology: Topology;
  /** The file that it is from; without one, there is nothing to reload. */
  readonly origin: LoadedPipeline | undefined;
  readonly log: Log;
  readonly runtime: Runtime;
}

/** The reloads of a run: on SIGHUP, when a file changes, or by a command. */
export class ReloadsOfRun implements Reloading {
  readonly #file: string | undefined;
  readonly #dataDir: string | undefined;
  readonly #log: Log;
  readonly #runtime: Runtime;
  readonly #reloader: Reloader;
  readonly #over = new AbortController();
  #files: readonly string[];

  constructor({ topology, origin, log, runtime }: ReloadsOptions) {
    this.#file = origin?.file;
    this.#dataDir = origin?.dataDir;
    this.#log = log;
    this.#runtime = runtime;
    this.#files = origin?.loaded.files ?? [];
    const current = comparedOf(origin?.loaded.value ?? { topology, parts: new Map() });
    this.#reloader = new Reloader({ runtime, current, load: () => this.#load(), clock: systemClock, log });
  }

  get history(): ReloadHistory {
    return this.#reloader.history;
  }

  async reload(cause = "weir reload"): Promise<Reloaded> {
    const reloaded = await this.#reloader.reload(cause);
    if (reloaded.outcome === "applied") this.#warnOfUndelivered(reloaded.difference?.changes ?? []);
    return reloaded;
  }

  #warnOfUndelivered(changes: readonly Change[]): void {
    const { outbox_bytes } = this.#runtime.stats();
    for (const { id, kind, how } of changes) {
      const left = outbox_bytes[id] ?? 0;
      if (how === "removed" && kind === "sink" && left > 0)
        this.#log.warn(`${left} bytes for "${id}" are undelivered; they stay in the data dir until it comes back`);
    }
  }

  async diff(file: string): Promise<DiffAnswer> {
    const loaded = await loadPipelineFile(file);
    if (!loaded.ok) return { problems: textOf(loaded) };
    return { difference: differenceOf(this.#reloader.current, comparedOf(loaded.value)) };
  }

  /** Reloads when a file changes, until the run ends. */
  watch(): void {
    void watchFiles({
      files: () => this.#files,
      onChange: () => this.reload("a file changed"),
      clock: systemClock,
      signal: this.#over.signal,
    });
    this.#log.info(`watching ${this.#files.length} files; the pipeline is reloaded when one changes`);
  }

  close(): void {
    this.#over.abort();
  }

  async #load(): Promise<Loading> {
    if (this.#file === undefined) return { ok: false, problems: "it was not read from a file" };
    const loaded = await loadPipelineFile(this.#file);
    this.#files = loaded.files;
    if (!loaded.ok) return { ok: false, problems: textOf(loaded) };
    const moved = this.#movedTo(loaded.value.dataDir ?? defaultDataDir);
    if (moved !== undefined) return { ok: false, refusal: moved };
    if (loaded.warnings.length > 0) this.#log.warn(textOf(loaded));
    return { ok: true, pipeline: comparedOf(loaded.value) };
  }

  /** A sentence, if the file names another data dir than the one that the run uses. */
  #movedTo(dataDir: string): string | undefined {
    const used = this.#dataDir;
    if (used === undefined || resolve(dataDir) === resolve(used)) return undefined;
    return `weir uses the data dir "${used}", and the file names "${dataDir}": "data_dir" changes only when weir is stopped and started again`;
  }
}

const textOf = (loaded: LoadedFile): string =>
  formatProblems(loaded.ok ? loaded.warnings : loaded.problems, loaded.textOf).trimEnd();

/** Reloads on SIGHUP. A signal that arrives before the run has started is kept for then. */
export const onHangup = (): ((reload: () => void) => void) => {
  let [reload, isWaiting] = [undefined as (() => void) | undefined, false];
  process.on("SIGHUP", () => {
    if (reload) reload();
    else isWaiting = true;
  });
  return (whenReady) => {
    reload = whenReady;
    if (isWaiting) whenReady();
  };
};
