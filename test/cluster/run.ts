import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../end-to-end/free-port.ts";
import { temporaryFolder } from "../end-to-end/weir.ts";
import { type Alerts, readAlerts } from "../kill/alerts.ts";
import { Random } from "../kill/random.ts";
import { addresses } from "./addresses.ts";
import { Cluster } from "./cluster.ts";
import { makeIdentities } from "./identities.ts";
import { Lives } from "./lives.ts";
import { createObjects } from "./objects.ts";
import type { Programs } from "./programs.ts";
import { type RawLog, readRawLog, rotatedFiles } from "./raw-log.ts";
import { type Post, RecordingProxy } from "./recording-proxy.ts";
import { Traffic } from "./traffic.ts";

/** What one of the two weirs left. */
export interface Path {
  readonly alerts: Alerts;
  readonly dataDir: string;
  readonly errors: readonly string[];
}

/** What happened: what the API server wrote and sent, and what became of it. */
export interface Run {
  readonly raw: RawLog;
  readonly posts: readonly Post[];
  readonly file: Path;
  readonly webhook: Path;
  /** What was counted, for people. */
  readonly told: readonly string[];
}

/** The load goes on until all of this has happened: some minutes on two cores. */
const enough = { rotations: 55, kills: 30, serverKills: 4, floods: 5 };
/** In milliseconds; a run that needs longer fails. */
const longest = 840_000;

/** Runs an API server and a weir on each of its audit backends under load and through kills, then to a quiet end. */
export const runCluster = async (programs: Programs, seed: number): Promise<Run> => {
  const started = performance.now();
  const parts = await startParts(programs, seed);
  const { cluster, proxy, traffic, file, webhook, logFolder } = parts;
  await killServers(parts, new Random(seed, 4));
  await traffic.stop();
  await Promise.all([file.settle(), webhook.settle()]);
  // Batches that found no weir come again within a minute.
  for (let waited = 0; waited < 60_000 && (proxy.waiting > 0 || waited < 5_000); waited += 500) await sleep(500);
  await cluster.stopServer("SIGTERM");
  await noMoreAlerts(file);
  await Promise.all([file.stop(), webhook.stop()]);

  const raw = readRawLog(logFolder);
  const accepted = proxy.posts.filter(({ status }) => status === 200);
  const events = (posts: readonly Post[]) => posts.reduce((total, { size }) => total + size, 0);
  const told = [
    `seed ${seed}, ${Math.round((performance.now() - started) / 1000)} s: ${traffic.sent} requests, of them ${traffic.floods} floods, ${traffic.deep} deep, ${traffic.large} large; answers ${counts(traffic.answers)}`,
    `SIGKILLs: ${file.kills} of weir on the log, ${webhook.kills} of weir on the webhook, ${cluster.kills} of the API server`,
    `log: ${raw.lines} lines, ${raw.torn} torn, ${raw.deep.length} too deep; ${rotatedFiles(logFolder).length} rotations`,
    `webhook: ${events(proxy.posts)} events in ${proxy.posts.length} POSTs, ${events(accepted)} accepted in ${accepted.length}; ${proxy.lostAnswers} answers lost; answers ${counts(proxy.posts.map(({ status }) => status))}`,
  ];
  return { raw, posts: proxy.posts, file: pathOf(file), webhook: pathOf(webhook), told };
};

const pathOf = ({ alerts, dataDir, errors }: Lives): Path => ({ alerts: readAlerts(alerts), dataDir, errors });

interface Parts {
  readonly cluster: Cluster;
  readonly proxy: RecordingProxy;
  readonly traffic: Traffic;
  readonly file: Lives;
  readonly webhook: Lives;
  readonly logFolder: string;
}

const startParts = async (programs: Programs, seed: number): Promise<Parts> => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  for (const name of ["log", "file", "webhook", "cluster"]) mkdirSync(path(name));
  const port = await freePort(addresses.weir);
  const proxy = await RecordingProxy.start(port, new Random(seed, 1));
  const identities = makeIdentities(path("cluster"));
  const log = path("log/audit.log");
  const cluster = await Cluster.start(path("cluster"), programs, identities, { log, webhook: proxy.url });
  const account = await createObjects(cluster.client, identities.admin);
  const file = new Lives({
    folder: path("file"),
    pipeline: "pipelines/kubernetes-secret-access.yaml",
    environment: { AUDIT_LOG: log },
    random: new Random(seed, 2),
  });
  const webhook = new Lives({
    folder: path("webhook"),
    pipeline: "pipelines/kubernetes-secret-access-webhook.yaml",
    environment: { LISTEN: `${addresses.weir}:${port}` },
    random: new Random(seed, 3),
  });
  // Files that were rotated before the very first start are not read, so there must be none.
  await Promise.all([file.isRunning, webhook.isRunning]);
  const traffic = new Traffic(cluster.client, { identities, account }, seed);
  return { cluster, proxy, traffic, file, webhook, logFolder: path("log") };
};

/** Ends and starts the API server now and then, until enough has happened. */
const killServers = async ({ cluster, traffic, file, webhook, logFolder }: Parts, random: Random): Promise<void> => {
  const counted = () => ({
    rotations: rotatedFiles(logFolder).length,
    kills: Math.min(file.kills, webhook.kills),
    serverKills: cluster.kills,
    floods: traffic.floods,
  });
  const isEnough = () => {
    const now = counted();
    return (Object.keys(enough) as (keyof typeof enough)[]).every((name) => now[name] >= enough[name]);
  };
  for (const end = performance.now() + longest; !isEnough(); ) {
    if (performance.now() > end) throw new Error(`after ${longest / 1000} s only ${JSON.stringify(counted())}`);
    await sleep(random.between(12_000, 25_000));
    file.check();
    webhook.check();
    await cluster.stopServer(random.chance(0.75) ? "SIGKILL" : "SIGTERM");
    await cluster.startServer();
  }
};

/** Resolves when the file of alerts has not grown for a while. */
const noMoreAlerts = async ({ alerts }: Lives): Promise<void> => {
  for (let [quiet, before] = [0, -1]; quiet < 8_000; quiet += 500) {
    const { size } = statSync(alerts);
    if (size > before) quiet = 0;
    before = size;
    await sleep(500);
  }
};

/** How often each status is there; 0 for no answer. */
const counts = (statuses: readonly number[]): string => {
  const found: Record<number, number> = {};
  for (const status of statuses) found[status] = (found[status] ?? 0) + 1;
  return JSON.stringify(found);
};
