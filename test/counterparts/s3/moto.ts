import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../end-to-end/free-port.ts";
import { spawnBound } from "../../end-to-end/spawn-bound.ts";
import { root } from "../../end-to-end/weir.ts";

/** Where `fetch.sh` puts it; WEIR_MOTO names another folder. */
const folder = process.env["WEIR_MOTO"] ?? join(root, "node_modules/.cache/weir/moto");

/** The Python that has moto, and Amazon's own client. */
export const python = join(folder, "bin/python");

/** Whether there is a moto here. Says how to get one if not. */
export const hasMoto = existsSync(join(folder, "version"));
if (!hasMoto) console.log("skipped: no moto, a server of S3; test/counterparts/s3/fetch.sh fetches one");

/** Starts a server of S3 and STS. */
export const startMoto = async (): Promise<{ readonly url: string; readonly stop: () => void }> => {
  const port = await freePort();
  const server = spawnBound(join(folder, "bin/moto_server"), ["-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 300; tries++) {
    if (server.exitCode !== null) throw new Error(`moto ended with ${server.exitCode}`);
    if (
      await fetch(`${url}/moto-api/`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return { url, stop: () => server.kill("SIGKILL") };
    await sleep(100);
  }
  server.kill("SIGKILL");
  throw new Error("moto is not ready after half a minute");
};
