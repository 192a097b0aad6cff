import { controlOf } from "../control/control.ts";
import { keepingOf, notReady, runningStatus, tapOf } from "../control/running.ts";
import { type ControlServer, serveControl } from "../control/server.ts";
import type { Endpoint } from "../observe/endpoint.ts";
import type { ListenAddress } from "../observe/listen-address.ts";
import type { Log } from "../plugin.ts";
import type { ReloadHistory } from "../reload/reloader.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { TapRequest } from "../runtime/tap/taps.ts";
import type { ExposedMetrics } from "../telemetry/exposed-metrics.ts";
import { version } from "../version.ts";
import type { ReloadsOfRun } from "./reloads-of-run.ts";

/** Serves health, readiness and metrics. Rejects with an error for people if it cannot listen on the address. */
export const openEndpointOf = async (
  runtime: Runtime,
  listen: ListenAddress,
  log: Log,
  hosts: readonly string[] | undefined,
  reloads: () => ReloadHistory,
  exposed: ExposedMetrics,
): Promise<Endpoint> => {
  // Loaded on demand: most runs have no endpoint.
  const { openEndpoint } = await import("../observe/endpoint.ts");
  const observed = {
    version: version(),
    stats: () => runtime.stats(),
    isReady: () => notReady(runtime).size === 0,
    notReady: () => notReady(runtime),
    reloads,
    exposed: () => exposed.read(),
  };
  const endpoint = await openEndpoint(listen, observed, hosts);
  log.info(`serving health, readiness and metrics at ${endpoint.url}/health, /ready and /metrics`);
  return endpoint;
};

/** Answers the commands that reach a running weir. If the socket cannot be opened, the run continues with a warning. */
export class ControlOfRun {
  readonly #dataDir: string;
  readonly #log: Log;
  #opening: Promise<ControlServer | undefined> | undefined;
  #isClosed = false;

  constructor(dataDir: string, log: Log) {
    this.#dataDir = dataDir;
    this.#log = log;
  }

  /** Answers from now on, unless it is closed already. */
  open(runtime: Runtime, reloads: ReloadsOfRun): void {
    if (!this.#isClosed) this.#opening = this.#serve(runtime, reloads);
  }

  async #serve(runtime: Runtime, reloads: ReloadsOfRun): Promise<ControlServer | undefined> {
    const status = () => runningStatus(runtime, this.#dataDir, version(), reloads.history);
    const control = {
      ...controlOf(runtime.desk, status, reloads, keepingOf(runtime, this.#dataDir)),
      tap: async (request: TapRequest) => tapOf(runtime, request),
    };
    try {
      return await serveControl(this.#dataDir, control);
    } catch (error) {
      this.#log.warn(`commands such as "weir status" cannot reach this run: ${(error as Error).message}`);
      return undefined;
    }
  }

  /** Call it while the data dir is locked: the next run uses a socket of the same name. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#opening)?.close();
  }
}
