import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Collector } from "../../histories/collector.ts";
import { steps, testHistory } from "../../histories/conformance.ts";
import { Broker, hasKafka } from "./broker.ts";
import { ask, isNew, log, type Place, Weir } from "./history-of-weir.ts";

describe.skipIf(!hasKafka)("a history in Kafka", () => {
  let broker: Broker;
  let runs = 0;
  beforeAll(async () => {
    broker = await Broker.start();
  }, 180_000);

  const place = (disorder: number): Place => ({ brokers: [broker.address], topic: `run-${runs++}`, disorder });
  const folderOf = () => mkdtempSync(join(tmpdir(), "weir-history-"));
  const drop = (folder: string) => rmSync(folder, { recursive: true, force: true });

  it("tells of terms what one on disk tells, also when they were last seen", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const folder = folderOf();
        const weir = new Weir(place(0));
        const here = new Collector(join(folder, "here.db"));
        const there = new Collector(join(folder, "there.db"), weir);
        for (const [index, { crashes, at, user, ips }] of all.entries()) {
          const seen = { id: `event ${index}`, at, user, ips };
          expect((await there.handle(seen, crashes)).sent).toEqual((await here.handle(seen)).sent);
        }
        for (const collector of [here, there]) collector.close();
        weir.close();
        drop(folder);
      }),
      { numRuns: process.env["WEIR_LONG"] ? 200 : 8 },
    );
  });

  describe.each([
    { collectors: 1, disorder: 0 },
    { collectors: 3, disorder: 0 },
    { collectors: 3, disorder: 300, step: 300 },
  ])("of $collectors, with a disorder of $disorder ms", ({ collectors, disorder, ...more }) => {
    testHistory({
      collectors,
      disorder,
      ...more,
      open: async () => {
        const folder = folderOf();
        const own = place(disorder);
        const weirs = Array.from({ length: collectors }, () => new Weir(own));
        return {
          collectors: weirs.map((weir, index) => new Collector(join(folder, `${index}.db`), weir)),
          close: async () => {
            for (const weir of weirs) weir.close();
            drop(folder);
          },
        };
      },
    });
  });

  it("does not grow beyond its size, and says so", async () => {
    const weir = new Weir(place(0), { max_size: 100 });
    const history = await weir.open();
    expect(await isNew(history, ask("x".repeat(64)))).toEqual([true]);
    await expect(isNew(history, ask("b"))).rejects.toThrow('raise "state.max_size"');
    expect(await isNew(history, ask("x".repeat(64), 2))).toEqual([false]);
    weir.close();
  });

  it("passes over what others have written to its topic, and says so", async () => {
    const own = place(0);
    const [one, two] = [new Weir(own), new Weir(own)];
    const history = await one.open();
    await isNew(history, ask("a"));
    const { Producer } = await import("@platformatic/kafka");
    const producer = new Producer({ clientId: "test", bootstrapBrokers: [broker.address] });
    for (const value of ["no JSON", '{"v":2}'])
      await producer.send({
        messages: [{ topic: own.topic, key: Buffer.from("k"), value: Buffer.from(value) }],
      } as never);
    await producer.close(true);
    expect(await isNew(await two.open(), ask("a", 2), ask("b"))).toEqual([false, true]);
    expect(log.join("\n")).toContain("that this version of weir does not understand");
    for (const weir of [one, two]) weir.close();
  });
});
