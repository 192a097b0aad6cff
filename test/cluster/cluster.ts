import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { parse } from "yaml";
import { freePort } from "../end-to-end/free-port.ts";
import { root } from "../end-to-end/weir.ts";
import { addresses } from "./addresses.ts";
import { Client } from "./client.ts";
import type { Identities } from "./identities.ts";
import type { Programs } from "./programs.ts";

const policy = join(root, "examples/audit-policy.yaml");

/** Where an API server sends its audit events. */
export interface AuditBackends {
  /** Path of the log file; it is rotated at 1 MB and compressed, and every rotated file is kept. */
  readonly log: string;
  /** URL of the webhook. */
  readonly webhook: string;
}

/** etcd, and an API server that can be killed and started again. */
export class Cluster {
  readonly client: Client;
  /** Of the API server. */
  readonly url: string;
  kills = 0;
  readonly #folder: string;
  readonly #program: string;
  readonly #flags: readonly string[];
  readonly #policies: readonly string[];
  readonly #identities: Identities;
  #server: ChildProcess | undefined;
  #starts = 0;

  private constructor(folder: string, programs: Programs, identities: Identities, ports: Ports, audit: AuditBackends) {
    this.#folder = folder;
    this.#program = programs.apiServer;
    this.#identities = identities;
    this.url = `https://${addresses.apiServer}:${ports.server}`;
    this.client = new Client(ports.server, identities.ca);
    this.#policies = [policy, policyWithBodies(folder)];
    this.#flags = [
      `--etcd-servers=http://${addresses.etcd}:${ports.etcd}`,
      ...[`--bind-address=${addresses.apiServer}`, `--secure-port=${ports.server}`, "--advertise-address=127.0.0.1"],
      ...["--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.0.0.0/24", "--authorization-mode=RBAC"],
      ...identities.flags,
      ...[`--audit-log-path=${audit.log}`, "--audit-log-maxsize=1", "--audit-log-maxbackup=0", "--audit-log-compress"],
      ...[`--audit-webhook-config-file=${webhookFile(folder, audit.webhook)}`, "--audit-webhook-batch-max-wait=1s"],
    ];
  }

  /** Starts both; resolves when the API is ready. They are killed when the test is over. */
  static async start(
    folder: string,
    programs: Programs,
    identities: Identities,
    audit: AuditBackends,
  ): Promise<Cluster> {
    const ports = { etcd: await freePort(addresses.etcd), server: await freePort(addresses.apiServer) };
    await startEtcd(folder, programs, ports.etcd);
    const cluster = new Cluster(folder, programs, identities, ports, audit);
    onTestFinished(() => cluster.client.close());
    await cluster.startServer();
    return cluster;
  }

  /** Starts the API server, in turn with the policy that comes with weir, and with one that records bodies too. */
  async startServer(): Promise<void> {
    const chosen = this.#policies[this.#starts++ % this.#policies.length]!;
    const flags = [...this.#flags, `--audit-policy-file=${chosen}`];
    this.#server = startProgram(this.#program, flags, join(this.#folder, "kube-apiserver.txt"));
    for (;;) {
      const answer = await this.client.send({ method: "GET", path: "/readyz", who: this.#identities.admin });
      if (answer?.status === 200) return;
      if (hasEnded(this.#server)) throw this.#failure("the API server ended");
      await sleep(100);
    }
  }

  /** Ends the API server: with SIGKILL at once, with SIGTERM when it has answered what it can. */
  async stopServer(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const server = this.#server!;
    if (hasEnded(server)) throw this.#failure("the API server has ended by itself");
    if (signal === "SIGKILL") this.kills++;
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  }

  #failure(what: string): Error {
    const said = readFileSync(join(this.#folder, "kube-apiserver.txt"), "utf8");
    return new Error(`${what}: ${said.slice(-3_000)}`);
  }
}

interface Ports {
  readonly etcd: number;
  readonly server: number;
}

const startEtcd = async (folder: string, { etcd }: Programs, port: number): Promise<void> => {
  const peer = `http://${addresses.etcdPeer}:${await freePort(addresses.etcdPeer)}`;
  const url = `http://${addresses.etcd}:${port}`;
  const flags = [
    ...[`--data-dir=${join(folder, "etcd")}`, "--name=one", "--unsafe-no-fsync"],
    ...[`--listen-client-urls=${url}`, `--advertise-client-urls=${url}`],
    ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=one=${peer}`],
  ];
  const child = startProgram(etcd, flags, join(folder, "etcd.txt"));
  while (!(await fetch(`${url}/health`).catch(() => undefined))?.ok) {
    if (hasEnded(child)) throw new Error(`etcd ended: ${readFileSync(join(folder, "etcd.txt"), "utf8").slice(-3_000)}`);
    await sleep(100);
  }
};

const startProgram = (path: string, flags: readonly string[], output: string): ChildProcess => {
  const file = openSync(output, "a");
  const child = spawn(path, flags, { stdio: ["ignore", file, file] });
  closeSync(file);
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
};

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** The policy that comes with weir, and the bodies of requests for Deployments. */
const policyWithBodies = (folder: string): string => {
  const shipped = parse(readFileSync(policy, "utf8")) as { readonly rules: readonly unknown[] };
  const bodies = { level: "Request", resources: [{ group: "apps", resources: ["deployments"] }] };
  const path = join(folder, "policy-with-bodies.yaml");
  writeFileSync(path, JSON.stringify({ ...shipped, rules: [bodies, ...shipped.rules] }));
  return path;
};

/** The file in kubeconfig format that names the webhook. */
const webhookFile = (folder: string, url: string): string => {
  const path = join(folder, "audit-webhook.yaml");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "weir", cluster: { server: url } }],
    users: [{ name: "apiserver", user: {} }],
    contexts: [{ name: "weir", context: { cluster: "weir", user: "apiserver" } }],
    "current-context": "weir",
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
};
