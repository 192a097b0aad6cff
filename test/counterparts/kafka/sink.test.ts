import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { expectConservation } from "../../end-to-end/conservation.ts";
import { pipelineFile, readStats, runWeir, startWeir, temporaryFolder } from "../../end-to-end/weir.ts";
import { readDeadLetters } from "../../kill/dead-letters.ts";
import { Random } from "../../kill/random.ts";
import { Broker, hasKafka } from "./broker.ts";
import { readTopic } from "./read-topic.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

describe.skipIf(!hasKafka)("the sink and a real broker", () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await Broker.start();
  }, 180_000);

  it.each(["none", "gzip", "snappy", "lz4", "zstd"])(
    "writes events with key, headers and id, compression %s",
    async (compression) => {
      const folder = temporaryFolder();
      const topic = `written-${compression}`;
      await broker.createTopic(topic, 3);
      const lines = join(folder, "lines.ndjson");
      const events = Array.from({ length: 300 }, (_, n) => ({ n, host: `h${n % 7}`, pad: "x".repeat(n) }));
      writeFileSync(lines, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
      const pipeline = pipelineFile(folder, {
        sources: { in: { type: "file", include: [lines], codec: "json", follow: false } },
        sinks: {
          out: {
            type: "kafka",
            inputs: ["in"],
            brokers: [broker.address],
            topic: `written-{{ how:-${compression} }}`,
            key: "{{ host }}",
            headers: { team: "blue {{ n }}" },
            compression,
          },
        },
      });
      const { code, log } = await runWeir(["run", pipeline, "--data-dir", join(folder, "data")]);
      expect(code, JSON.stringify(log)).toBe(0);
      const records = await readTopic(broker, topic);
      expect(records.map(({ value }) => value.n).sort((a, b) => a - b)).toEqual(events.map(({ n }) => n));
      expect(new Set(records.map(({ id }) => id)).size).toBe(300);
      for (const { value, key, headers } of records) {
        expect(key).toBe(value.host);
        expect(headers["team"]).toBe(`blue ${value.n}`);
      }
      for (const [, own] of Map.groupBy(records, ({ key }) => key)) {
        expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
        const order = own.map(({ value }) => value.n);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }
    },
  );

  it("sends only what is refused to the dead letter, with its reason", async () => {
    const folder = temporaryFolder();
    await broker.createTopic("narrow", 2, { "max.message.bytes": "20000" });
    await broker.createTopic("compacted", 1, { "cleanup.policy": "compact" });
    const lines = join(folder, "lines.ndjson");
    const random = new Random(7);
    const noise = Array.from({ length: 40_000 }, () => String.fromCharCode(random.between(40, 90))).join("");
    const events = Array.from({ length: 100 }, (_, n) => ({
      n,
      to: "narrow",
      pad: n === 41 ? noise : "x".repeat(500),
    }));
    const all = [...events, { n: 200, to: "a/b" }, { n: 201 }, { n: 202, to: "compacted" }];
    writeFileSync(lines, all.map((event) => `${JSON.stringify(event)}\n`).join(""));
    const pipeline = pipelineFile(folder, {
      sources: { in: { type: "file", include: [lines], codec: "json", follow: false } },
      sinks: { out: { type: "kafka", inputs: ["in"], brokers: [broker.address], topic: "{{ to }}" } },
    });
    const { code, log } = await runWeir(["run", pipeline, "--data-dir", join(folder, "data")]);
    expect(code, JSON.stringify(log)).toBe(0);
    const arrived = (await readTopic(broker, "narrow")).map(({ value }) => value.n).sort((a, b) => a - b);
    expect(arrived).toEqual(events.map(({ n }) => n).filter((n) => n !== 41));
    const letters = readDeadLetters(join(folder, "data")) as unknown as readonly {
      readonly head: { readonly message: string };
      readonly data: { readonly n: number };
    }[];
    const why = Object.fromEntries(letters.map(({ head, data }) => [data.n, head.message]));
    expect(
      Object.keys(why)
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual([41, 200, 201, 202]);
    expect(why[41]).toContain("MESSAGE_TOO_LARGE");
    expect(why[200]).toContain('"a/b" cannot be the name of a topic');
    expect(why[201]).toContain('"to" has no value');
    expect(why[202]).toContain("INVALID_RECORD");
  });

  it("does not let an event that chooses a topic which does not exist hold up the others", async () => {
    const folder = temporaryFolder();
    await broker.createTopic("there", 1);
    const lines = join(folder, "lines.ndjson");
    const all = Array.from({ length: 60 }, (_, n) => ({ n, to: n % 3 === 0 ? `missing-${n}` : "there" }));
    writeFileSync(lines, all.map((event) => `${JSON.stringify(event)}\n`).join(""));
    const pipeline = pipelineFile(folder, {
      sources: { in: { type: "file", include: [lines], codec: "json", follow: false } },
      sinks: {
        out: {
          type: "kafka",
          inputs: ["in"],
          brokers: [broker.address],
          topic: "{{ to }}",
          batch: { max_events: 20 },
          retry: { initial: "1s", max: "1s" },
        },
      },
    });
    const { code, log } = await runWeir(["run", pipeline, "--data-dir", join(folder, "data"), "--drain", "2m"]);
    expect(code, JSON.stringify(log)).toBe(0);
    const arrived = (await readTopic(broker, "there")).map(({ value }) => value.n);
    expect(arrived.toSorted((a, b) => a - b)).toEqual(all.flatMap(({ n, to }) => (to === "there" ? [n] : [])));
    const letters = readDeadLetters(join(folder, "data")) as unknown as readonly {
      readonly head: { readonly message: string };
    }[];
    expect(letters.length).toBe(20);
    for (const { head } of letters)
      expect(head.message).toMatch(/cannot write to the topic "missing-\d+": Unknown topic/);
  }, 180_000);

  it(`loses nothing by kills of weir and of the broker, and repeats only with equal ids, seed ${seed}`, async () => {
    const folder = temporaryFolder();
    const random = new Random(seed);
    const [lines, stats] = [join(folder, "lines.ndjson"), join(folder, "stats.json")];
    await broker.createTopic("killed", 3);
    const sinks = {
      out: {
        type: "kafka",
        inputs: ["in"],
        brokers: [broker.address],
        topic: "killed",
        key: "{{ host }}",
        batch: { max_events: 50, timeout: "5ms" },
        retry: { initial: "50ms", max: "500ms" },
      },
    };
    const source = { type: "file", include: [lines], codec: "json" };
    const pipeline = pipelineFile(folder, { sources: { in: source }, sinks });
    let count = 0;
    const write = (events: number) => {
      const more = Array.from({ length: events }, () => ({ n: count++, host: `h${random.between(0, 9)}` }));
      appendFileSync(lines, more.map((event) => `${JSON.stringify(event)}\n`).join(""));
    };
    const kills = isLong ? 30 : 3;
    for (let kill = 0; kill < kills; kill++) {
      write(random.between(100, 600));
      const weir = startWeir(["run", pipeline, "--data-dir", join(folder, "data")]);
      await weir.said("running");
      await sleep(random.between(0, 1000));
      if (kill % 3 === 1) await broker.restart(random.between(0, 300));
      await weir.stop("SIGKILL");
    }
    write(10);
    const last = pipelineFile(folder, { sources: { in: { ...source, follow: false } }, sinks }, "last.yaml");
    const { code, log } = await runWeir(["run", last, "--data-dir", join(folder, "data"), "--stats", stats]);
    expect(code, JSON.stringify(log)).toBe(0);
    expectConservation(readStats(stats));
    const records = await readTopic(broker, "killed");
    const byId = new Map(records.map(({ id, value }) => [id, value.n]));
    for (const { id, value } of records) expect(byId.get(id)).toBe(value.n);
    expect([...byId.values()].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
    console.log(`${count} events, ${records.length - count} repetitions after ${kills} kills`);
  }, 900_000);
});
