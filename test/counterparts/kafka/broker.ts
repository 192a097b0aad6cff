import { type ChildProcess, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Admin } from "@platformatic/kafka";
import { afterAll } from "vitest";
import { freePort } from "../../end-to-end/free-port.ts";
import { spawnBound } from "../../end-to-end/spawn-bound.ts";
import { root } from "../../end-to-end/weir.ts";

/** Where `fetch.sh` puts it; WEIR_KAFKA names another folder. */
const folder = process.env["WEIR_KAFKA"] ?? join(root, "node_modules/.cache/weir/kafka");

/** Whether there is a Kafka here. Says how to get one if not. */
export const hasKafka = existsSync(join(folder, "lib"));
if (!hasKafka) console.log("skipped: no Kafka; test/counterparts/kafka/fetch.sh fetches one");

const memory = ["-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
const java = (...more: readonly string[]) => [...memory, "-cp", `${join(folder, "lib")}/*`, ...more];

/** Those that end with the tests of the file. It is registered here, because within a hook it would never be called. */
const started: Broker[] = [];
// Benchmarks start brokers, too.
if (process.env["VITEST"])
  afterAll(() => {
    for (const broker of started) broker.remove();
  });

/** A broker of Kafka that is also its own controller. Its data outlives a restart. */
export class Broker {
  /** Host and port of the listener without TLS and credentials. */
  readonly address: string;
  readonly #settings: string;
  readonly #data: string;
  #process: ChildProcess | undefined;

  private constructor(data: string, port: number, settings: string) {
    this.#data = data;
    this.address = `127.0.0.1:${port}`;
    this.#settings = settings;
  }

  /** Starts one until the tests of the file are over. */
  static async start(extra?: Extra): Promise<Broker> {
    const broker = await Broker.open(extra);
    started.push(broker);
    return broker;
  }

  /** Starts one until `remove` is called. `more`: further lines of its server.properties, and listeners. */
  static async open({ listeners = [], more = [], format: own = [] }: Extra = {}): Promise<Broker> {
    const data = mkdtempSync(join(tmpdir(), "weir-kafka-"));
    const [port, controller] = [await freePort(), await freePort()];
    const settings = join(data, "server.properties");
    const all = [`PLAINTEXT://127.0.0.1:${port}`, ...listeners];
    const lines = [
      "process.roles=broker,controller",
      "node.id=1",
      `controller.quorum.voters=1@127.0.0.1:${controller}`,
      "controller.listener.names=CONTROLLER",
      `listeners=${[...all, `CONTROLLER://127.0.0.1:${controller}`].join(",")}`,
      `advertised.listeners=${all.join(",")}`,
      "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL",
      `log.dirs=${join(data, "log")}`,
      "offsets.topic.replication.factor=1",
      "offsets.topic.num.partitions=1",
      "transaction.state.log.replication.factor=1",
      "transaction.state.log.min.isr=1",
      "group.initial.rebalance.delay.ms=0",
      "auto.create.topics.enable=false",
      ...more,
    ];
    writeFileSync(settings, `${lines.join("\n")}\n`);
    const log = join(data, "log4j2.xml");
    writeFileSync(log, '<Configuration status="OFF"><Loggers><Root level="OFF"/></Loggers></Configuration>');
    const format = ["kafka.tools.StorageTool", "format", "-t", "weirweirweirweirweirwe", "-c", settings, ...own];
    const formatted = spawnSync("java", java(`-Dlog4j2.configurationFile=${log}`, ...format), { encoding: "utf8" });
    if (formatted.status !== 0)
      throw new Error(`Kafka cannot format its storage: ${formatted.stdout}${formatted.stderr}`);
    const broker = new Broker(data, port, settings);
    try {
      await broker.run();
    } catch (error) {
      broker.remove();
      throw error;
    }
    return broker;
  }

  remove(): void {
    this.kill();
    rmSync(this.#data, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  /** Starts the process, with the data that is there, and resolves when it answers. */
  async run(): Promise<void> {
    const log = `-Dlog4j2.configurationFile=${join(this.#data, "log4j2.xml")}`;
    this.#process = spawnBound("java", java(log, "kafka.Kafka", this.#settings), { stdio: "ignore" });
    for (let tries = 0; tries < 600; tries++) {
      if (this.#process.exitCode !== null) throw new Error(`Kafka ended with ${this.#process.exitCode}`);
      if (await this.#answers()) return;
      await sleep(200);
    }
    throw new Error("Kafka is not ready after two minutes");
  }

  kill(): void {
    this.#process?.kill("SIGKILL");
  }

  /** Kills the process, and starts it again. */
  async restart(pause = 0): Promise<void> {
    this.kill();
    await sleep(pause);
    await this.run();
  }

  async createTopic(topic: string, partitions: number, configs: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.admin(async (admin) => {
      const all = Object.entries(configs).map(([name, value]) => ({ name, value }));
      await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs: all });
    });
  }

  /** Changes settings of a topic. */
  async configure(topic: string, configs: Readonly<Record<string, string>>): Promise<void> {
    await this.admin(async (admin) => {
      const all = Object.entries(configs).map(([name, value]) => ({ name, value, configOperation: 0 as const }));
      await admin.incrementalAlterConfigs({ resources: [{ resourceType: 2, resourceName: topic, configs: all }] });
    });
  }

  async admin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [this.address] });
    try {
      return await use(admin);
    } finally {
      await admin.close();
    }
  }

  /** An open port is not enough: the broker must know itself. */
  async #answers(): Promise<boolean> {
    if (!(await isOpen(this.address))) return false;
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [this.address], retries: 0 });
    try {
      const { brokers } = await admin.metadata({});
      return brokers.size > 0;
    } catch {
      return false;
    } finally {
      await admin.close().catch(() => undefined);
    }
  }
}

export interface Extra {
  readonly listeners?: readonly string[];
  readonly more?: readonly string[];
  /** Further arguments for the formatting of its storage, such as users. */
  readonly format?: readonly string[];
}

const isOpen = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [host = "", port] = address.split(":");
    const socket = connect({ host, port: Number(port) });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
