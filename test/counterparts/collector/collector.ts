import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { freePort } from "../../end-to-end/free-port.ts";
import { spawnBound } from "../../end-to-end/spawn-bound.ts";
import { root, temporaryFolder } from "../../end-to-end/weir.ts";

/** Where `fetch.sh` puts it; WEIR_COLLECTOR names another folder. */
const program = join(process.env["WEIR_COLLECTOR"] ?? join(root, "node_modules/.cache/weir/collector"), "otelcol");

/** Whether there is a Collector here. Says how to get one if not. */
export const hasCollector = existsSync(program);
if (!hasCollector) console.log("skipped: no OpenTelemetry Collector; test/counterparts/collector/fetch.sh builds one");

/** Receives OTLP over HTTP and gRPC, and sends it on. */
export class Collector {
  readonly url: string;
  /** `host:port` for gRPC. */
  readonly grpc: string;
  readonly #config: string;
  #process: ChildProcess | undefined;

  private constructor(url: string, grpc: string, config: string) {
    this.url = url;
    this.grpc = grpc;
    this.#config = config;
  }

  /** `target`: the base URL, without `/v1/logs`; for gRPC, `host:port`. It runs until the test is over. */
  static async start(target: string, exporter: Readonly<Record<string, unknown>> = {}): Promise<Collector> {
    const kind = target.includes("://") ? "otlphttp" : "otlp";
    const [http, grpc] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    const config = join(temporaryFolder(), "collector.yaml");
    const retry = { initial_interval: "50ms", max_interval: "500ms" };
    const whole = {
      receivers: { otlp: { protocols: { http: { endpoint: http }, grpc: { endpoint: grpc } } } },
      exporters: { [kind]: { endpoint: target, retry_on_failure: retry, ...exporter } },
      service: {
        telemetry: { metrics: { level: "none" }, logs: { level: "error" } },
        pipelines: { logs: { receivers: ["otlp"], exporters: [kind] } },
      },
    };
    writeFileSync(config, JSON.stringify(whole));
    const collector = new Collector(`http://${http}`, grpc, config);
    await collector.start();
    onTestFinished(() => collector.kill());
    return collector;
  }

  async start(): Promise<void> {
    const started = spawnBound(program, ["--config", this.#config], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    started.stderr!.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2_000);
    });
    this.#process = started;
    for (let tries = 0; tries < 600; tries++) {
      if (started.exitCode !== null) throw new Error(`the Collector ended with ${started.exitCode}: ${said}`);
      const answered = await fetch(this.url).then(
        () => true,
        () => false,
      );
      if (answered) return;
      await sleep(50);
    }
    throw new Error(`the Collector does not listen after 30 s: ${said}`);
  }

  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (!running || running.exitCode !== null) return;
    running.kill("SIGKILL");
    await once(running, "exit");
  }
}
