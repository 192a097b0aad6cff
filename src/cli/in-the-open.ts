import { controlOf } from "../control/control.ts";
import { notReady, runningStatus } from "../control/running.ts";
import { type ControlServer, serveControl } from "../control/server.ts";
import type { Endpoint } from "../observe/endpoint.ts";
import type { ListenAddress } from "../observe/listen-address.ts";
import type { Log } from "../plugin.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { version } from "./version.ts";

/** Serves health, readiness and metrics. Rejects with an error for people if it cannot listen on the address. */
export const openEndpointOf = async (
  runtime: Runtime,
  listen: ListenAddress,
  log: Log,
  hosts: readonly string[] = [],
): Promise<Endpoint> => {
  // Loaded on demand: most runs have no endpoint.
  const { openEndpoint } = await import("../observe/endpoint.ts");
  const observed = {
    version: version(),
    stats: () => runtime.stats(),
    isReady: () => notReady(runtime).size === 0,
    notReady: () => notReady(runtime),
  };
  const endpoint = await openEndpoint(listen, observed, hosts);
  log.info(`serving health, readiness and metrics at ${endpoint.url}/health, /ready and /metrics`);
  return endpoint;
};

/** Answers `weir status` and `weir dead-letters`. If the socket cannot be opened, the run continues with a warning. */
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
  open(runtime: Runtime): void {
    if (!this.#isClosed) this.#opening = this.#serve(runtime);
  }

  async #serve(runtime: Runtime): Promise<ControlServer | undefined> {
    const control = controlOf(runtime.desk, () => runningStatus(runtime, this.#dataDir, version()));
    try {
      return await serveControl(this.#dataDir, control);
    } catch (error) {
      this.#log.warn(`"weir status" and "weir dead-letters" cannot reach this run: ${(error as Error).message}`);
      return undefined;
    }
  }

  /** Call it while the data dir is locked: the next run uses a socket of the same name. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#opening)?.close();
  }
}
