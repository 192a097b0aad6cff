import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hasOpenssl } from "../http/certificates.ts";

const module = fileURLToPath(new URL("server", import.meta.url));
/** Ignored by Git. All else that a build leaves is in Go's own caches. */
const folder = fileURLToPath(new URL(".cache", import.meta.url));

/** Paths of the programs that run a cluster's API. */
export interface Programs {
  readonly apiServer: string;
  readonly etcd: string;
}

/** Why the programs cannot be built and run here, or `undefined` if they can. */
export const reasonToSkip = (): string | undefined => {
  const runs = (command: string, argument: string) => spawnSync(command, [argument], { timeout: 20_000 }).status === 0;
  if (process.platform !== "linux") return "only Linux has the whole of 127.0.0.0/8 for clients and servers";
  if (!runs("go", "version")) return "`go`, which builds the API server, is not installed";
  return hasOpenssl ? undefined : "`openssl`, which makes the certificates, is not installed";
};

/**
 * Builds kube-apiserver and etcd, at the versions that server/go.mod names. The first build takes minutes, about 600 MB for
 * sources and 2.3 GB for what is compiled; a later one takes a second.
 */
export const buildPrograms = async (): Promise<Programs> => {
  const started = performance.now();
  const build = spawn("go", ["build", "-trimpath", "-buildvcs=false", "-o", `${folder}/`, "tool"], {
    cwd: module,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  build.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const [code] = await once(build, "close");
  if (code !== 0) throw new Error(`\`go build\` ended with ${code}:\n${said}`);
  console.log(`API server and etcd built in ${Math.round((performance.now() - started) / 1000)} s`);
  return { apiServer: join(folder, "kube-apiserver"), etcd: join(folder, "server") };
};
