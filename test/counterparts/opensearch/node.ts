import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../end-to-end/free-port.ts";
import { spawnBound } from "../../end-to-end/spawn-bound.ts";
import { root } from "../../end-to-end/weir.ts";

/** Where `fetch.sh` puts it; WEIR_OPENSEARCH names another folder. */
const folder = process.env["WEIR_OPENSEARCH"] ?? join(root, "node_modules/.cache/weir/opensearch");

/** Whether there is an OpenSearch here. Says how to get one if not. */
export const hasOpenSearch = existsSync(join(folder, "classes/Node.class"));
if (!hasOpenSearch) console.log("skipped: no OpenSearch; test/counterparts/opensearch/fetch.sh fetches one");

export interface OpenSearch {
  readonly url: string;
  readonly stop: () => void;
}

/** Starts a node of OpenSearch. */
export const startOpenSearch = async (): Promise<OpenSearch> => {
  const data = mkdtempSync(join(tmpdir(), "weir-opensearch-"));
  const [http, transport] = [await freePort(), await freePort()];
  const memory = ["-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  const classes = `${join(folder, "classes")}:${join(folder, "lib")}/*`;
  const node = spawnBound("java", [...memory, "-cp", classes, "Node", data, String(http), String(transport)], {
    stdio: "ignore",
  });
  const stop = () => {
    node.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  const url = `http://127.0.0.1:${http}`;
  for (let tries = 0; tries < 600; tries++) {
    if (node.exitCode !== null) throw new Error(`OpenSearch ended with ${node.exitCode}`);
    if (
      await fetch(`${url}/_cluster/health`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return { url, stop };
    await sleep(200);
  }
  stop();
  throw new Error("OpenSearch is not ready after two minutes");
};
