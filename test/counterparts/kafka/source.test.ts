import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Admin, Consumer, Producer } from "@platformatic/kafka";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Topics } from "../../../plugins/sources/kafka/topics.ts";
import { logRecorder } from "../../../src/testing/log.ts";
import { pipelineFile, startWeir, temporaryFolder, type Weir } from "../../end-to-end/weir.ts";
import { readDeadLetters } from "../../kill/dead-letters.ts";
import { Random } from "../../kill/random.ts";
import { Broker, hasKafka } from "./broker.ts";
import { committedTo } from "./read-topic.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

interface Line {
  readonly n: number;
  readonly id: string;
  readonly from: { readonly partition: number; readonly offset: number; readonly key?: string };
}

describe.skipIf(!hasKafka)("the source and a real broker", () => {
  let broker: Broker;
  let producer: Producer<Buffer, Buffer, Buffer, Buffer>;
  beforeAll(async () => {
    broker = await Broker.start();
    producer = new Producer({ clientId: "test", bootstrapBrokers: [broker.address], idempotent: true, retries: 20 });
  }, 180_000);
  afterAll(() => producer?.close(true));

  /** Numbers from `from` on, over all partitions. */
  const produce = async (topic: string, from: number, count: number, more: object = {}): Promise<void> => {
    const messages = Array.from({ length: count }, (_, i) => ({
      topic,
      key: Buffer.from(`k${(from + i) % 11}`),
      value: Buffer.from(JSON.stringify({ n: from + i })),
      headers: new Map([[Buffer.from("team"), Buffer.from("blue")]]),
    }));
    if (count > 0) await producer.send({ messages, ...more });
  };
  const pipelineOf = (folder: string, topics: readonly string[], more: object = {}) =>
    pipelineFile(folder, {
      sources: {
        in: { type: "kafka", brokers: [broker.address], topics, group: topics.join(".").replace("*", "all"), ...more },
      },
      transforms: {
        shape: {
          type: "remap",
          inputs: ["in"],
          steps: [{ set: { id: "{{ _meta.id }}" } }, { set: { from: { cel: "_meta.kafka" } } }],
        },
      },
      sinks: { out: { type: "file", inputs: ["shape"], path: join(folder, "out.ndjson") } },
    });
  const linesOf = (folder: string): readonly Line[] => {
    try {
      const text = readFileSync(join(folder, "out.ndjson"), "utf8");
      return text
        .slice(0, text.lastIndexOf("\n") + 1)
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    } catch {
      return [];
    }
  };
  const numbers = (lines: readonly Line[]) => lines.map(({ n }) => n).sort((a, b) => a - b);
  const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
  const until = async (what: () => boolean): Promise<void> => {
    for (let tries = 0; !what() && tries < 1200; tries++) await sleep(100);
  };
  const start = (folder: string, pipeline: string): Weir =>
    startWeir(["run", pipeline, "--data-dir", join(folder, "data")]);

  it("reads batches of which some together are too large, and says how to go on behind one that is by itself", async () => {
    const folder = temporaryFolder();
    await broker.createTopic("large", 1, { "max.message.bytes": "8000000" });
    const send = (records: number, n: number) =>
      producer.send({
        messages: Array.from({ length: records }, () => ({
          topic: "large",
          value: Buffer.from(JSON.stringify({ n, pad: "x".repeat(1_000_000) })),
        })),
        compression: "gzip",
      } as never);
    // 160 MB in 160 KB.
    for (let n = 0; n < 8; n++) await send(20, n);
    const weir = startWeir(["run", pipelineOf(folder, ["large"]), "--data-dir", join(folder, "data")]);
    while (linesOf(folder).length < 160) await sleep(200);
    expect(new Set(linesOf(folder).map(({ n }) => n)).size).toBe(8);
    await send(150, 8);
    expect(await weir.said("--reset-offsets")).toBe(true);
    await weir.stop("SIGTERM");
  }, 180_000);

  it("reads all compressions, keys, headers and topics by pattern; what is no JSON goes to the dead letter", async () => {
    const folder = temporaryFolder();
    const kinds = ["none", "gzip", "snappy", "lz4", "zstd"];
    for (const [i, compression] of kinds.entries()) {
      await broker.createTopic(`kind-${compression}`, 2);
      await produce(`kind-${compression}`, i * 100, 100, { compression });
    }
    await producer.send({ messages: [{ topic: "kind-none", value: Buffer.from("no JSON"), partition: 0 }] });
    const weir = start(folder, pipelineOf(folder, ["kind-*"]));
    await until(() => linesOf(folder).length >= 500);
    expect((await weir.stop("SIGTERM")).code).toBe(0);
    expect(numbers(linesOf(folder))).toEqual(upTo(500));
    for (const { n, from, id } of linesOf(folder)) {
      expect(from).toMatchObject({
        key: `k${n % 11}`,
        headers: { team: "blue" },
        topic: `kind-${kinds[Math.floor(n / 100)]}`,
      });
      expect(id).toBe(`in/kind-${kinds[Math.floor(n / 100)]}/${from.partition}/${from.offset}@0`);
    }
    expect(readDeadLetters(join(folder, "data"))).toHaveLength(1);
    expect(await committedTo(broker, "kind-all")).toBe(501);
  });

  it(`has each record once after kills of weir and of the broker, seed ${seed}`, async () => {
    const folder = temporaryFolder();
    const random = new Random(seed);
    await broker.createTopic("once", 3);
    const pipeline = pipelineOf(folder, ["once"]);
    let count = 0;
    const kills = isLong ? 30 : 3;
    for (let kill = 0; kill < kills; kill++) {
      const more = random.between(100, 2000);
      await produce("once", count, more);
      count += more;
      const weir = start(folder, pipeline);
      await weir.said("running");
      await sleep(random.between(0, 1500));
      if (kill % 3 === 1) await broker.restart(random.between(0, 300));
      await weir.stop("SIGKILL");
    }
    const last = start(folder, pipeline);
    await until(() => linesOf(folder).length >= count);
    await sleep(500);
    expect((await last.stop("SIGTERM")).code).toBe(0);
    expect(numbers(linesOf(folder))).toEqual(upTo(count));
    console.log(`${count} records, ${kills} kills`);
  }, 900_000);

  it("tells the group after a kill how far it is, also if there is nothing more to read", async () => {
    const folder = temporaryFolder();
    await broker.createTopic("told", 2);
    const pipeline = pipelineOf(folder, ["told"]);
    const first = start(folder, pipeline);
    await first.said("the group assigned 2 partitions");
    await produce("told", 0, 100);
    await until(() => linesOf(folder).length >= 100);
    await first.stop("SIGKILL");
    const second = start(folder, pipeline);
    await second.said("the group assigned 2 partitions");
    expect((await second.stop("SIGTERM")).code).toBe(0);
    expect(linesOf(folder)).toHaveLength(100);
    expect(await committedTo(broker, "told")).toBe(100);
  });

  it("divides partitions with a second collector, and loses nothing when they move", async () => {
    const [one, two] = [temporaryFolder(), temporaryFolder()];
    await broker.createTopic("moved", 4);
    await produce("moved", 0, 400);
    const first = start(one, pipelineOf(one, ["moved"]));
    await until(() => linesOf(one).length >= 400);
    const second = start(two, pipelineOf(two, ["moved"]));
    let count = 400;
    for (; linesOf(two).length === 0 && count < 2000; count++) {
      await produce("moved", count, 1);
      await sleep(50);
    }
    const both = () => [...linesOf(one), ...linesOf(two)];
    const distinct = () => new Set(both().map(({ n }) => n)).size;
    await until(() => distinct() >= count);
    // The rest moves to the second one.
    expect((await first.stop("SIGTERM")).code).toBe(0);
    await produce("moved", count, 400);
    count += 400;
    await until(() => distinct() >= count);
    expect((await second.stop("SIGTERM")).code).toBe(0);
    expect([...new Set(both().map(({ n }) => n))].sort((a, b) => a - b)).toEqual(upTo(count));
    expect(new Set(both().map(({ id }) => id)).size).toBe(count);
    expect(linesOf(two).length).toBeGreaterThan(0);
  });

  it("reads the topics that exist while another one does not, and that one when it does", async () => {
    const folder = temporaryFolder();
    await broker.createTopic("there", 2);
    await produce("there", 0, 100);
    const weir = start(folder, pipelineOf(folder, ["missing", "there", "nothing-*"]));
    expect(await weir.said('the topic "missing" does not exist')).toBe(true);
    await until(() => linesOf(folder).length >= 100);
    await broker.createTopic("missing", 1);
    await produce("missing", 100, 50);
    await produce("there", 150, 50);
    await until(() => linesOf(folder).length >= 200);
    expect(numbers(linesOf(folder))).toEqual(upTo(200));
    expect(await weir.said('the topic "missing" now exists')).toBe(true);
    // Then the other one goes on alone.
    await broker.admin((admin) => admin.deleteTopics({ topics: ["missing"] }));
    await produce("there", 200, 50);
    await until(() => linesOf(folder).length >= 250);
    expect((await weir.stop("SIGTERM")).code).toBe(0);
    expect(numbers(linesOf(folder))).toEqual(upTo(250));
  }, 180_000);

  it("looks for any number of topics in two requests if some of them are missing", async () => {
    const names = ["one", "two", "three"].map((name) => `some-${name}`);
    for (const name of names) await broker.createTopic(name, 2);
    const [own, log] = [{ clientId: "test", bootstrapBrokers: [broker.address], retries: 0 }, logRecorder()];
    const config = { topics: [...names, ...Array.from({ length: 20 }, (_, n) => `none-${n}`)] };
    const topics = new Topics({ config, log } as never);
    const [consumer, admin] = [new Consumer({ ...own, groupId: "test" }), new Admin(own)];
    let requests = 0;
    // Metadata is API 3 of the protocol.
    const count = (message: unknown) => {
      if ((message as { readonly apiKey: number }).apiKey === 3) requests++;
    };
    subscribe("tracing:plt:kafka:connections:api:start", count);
    for (let n = 0; n < 4; n++)
      expect([...(await topics.find(consumer, admin)).keys()].sort()).toEqual(names.toSorted());
    unsubscribe("tracing:plt:kafka:connections:api:start", count);
    expect(requests).toBe(9);
    expect(log.lines).toHaveLength(20);
    await consumer.close(true);
    await admin.close();
  });

  it("begins at the end where that is wanted, and stays there over a restart", async () => {
    const folder = temporaryFolder();
    await broker.createTopic("late", 1);
    await produce("late", 0, 10);
    const pipeline = pipelineOf(folder, ["late"], { start: "latest" });
    const first = start(folder, pipeline);
    await first.said("the group assigned 1 partition");
    await sleep(1000);
    expect((await first.stop("SIGTERM")).code).toBe(0);
    await produce("late", 10, 10);
    const second = start(folder, pipeline);
    await until(() => linesOf(folder).length >= 10);
    expect((await second.stop("SIGTERM")).code).toBe(0);
    expect(numbers(linesOf(folder))).toEqual(Array.from({ length: 10 }, (_, i) => 10 + i));
  });
});
