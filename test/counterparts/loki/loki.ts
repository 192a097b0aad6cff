import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../end-to-end/free-port.ts";
import { spawnBound } from "../../end-to-end/spawn-bound.ts";
import { root } from "../../end-to-end/weir.ts";

/** Where `fetch.sh` puts it; WEIR_LOKI names another folder. */
const program = join(process.env["WEIR_LOKI"] ?? join(root, "node_modules/.cache/weir/loki"), "loki");

/** Whether there is a Loki here. Says how to get one if not. */
export const hasLoki = existsSync(program);
if (!hasLoki) console.log("skipped: no Loki; test/counterparts/loki/fetch.sh builds one in some minutes");

export interface Loki {
  /** Requests need a tenant. */
  readonly url: string;
  stop(): void;
}

/** Starts Loki. It must be stopped: it holds the output of the test runner, which would wait for it for ever. */
export const startLoki = async (): Promise<Loki> => {
  const data = mkdtempSync(join(tmpdir(), "weir-loki-"));
  const [http, grpc] = [await freePort(), await freePort()];
  const config = {
    auth_enabled: true,
    server: {
      http_listen_address: "127.0.0.1",
      http_listen_port: http,
      grpc_listen_address: "127.0.0.1",
      grpc_listen_port: grpc,
      log_level: "error",
    },
    common: {
      path_prefix: data,
      instance_addr: "127.0.0.1",
      replication_factor: 1,
      ring: { kvstore: { store: "inmemory" } },
      storage: { filesystem: { chunks_directory: join(data, "chunks"), rules_directory: join(data, "rules") } },
    },
    ingester: { lifecycler: { min_ready_duration: "0s", final_sleep: "0s" } },
    schema_config: {
      configs: [
        {
          from: "2020-10-24",
          store: "tsdb",
          object_store: "filesystem",
          schema: "v13",
          index: { prefix: "index_", period: "24h" },
        },
      ],
    },
    analytics: { reporting_enabled: false },
  };
  const file = join(data, "loki.yaml");
  writeFileSync(file, JSON.stringify(config));
  const loki = spawnBound(program, [`-config.file=${file}`], { stdio: ["ignore", "ignore", "inherit"] });
  const stop = () => {
    loki.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  const url = `http://127.0.0.1:${http}`;
  for (let tries = 0; tries < 600; tries++) {
    if (loki.exitCode !== null) throw new Error(`Loki ended with ${loki.exitCode}`);
    const isReady = await fetch(`${url}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return { url, stop };
    await sleep(200);
  }
  stop();
  throw new Error("Loki is not ready after two minutes");
};
