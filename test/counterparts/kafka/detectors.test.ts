import { beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../end-to-end/free-port.ts";
import { temporaryFolder } from "../../end-to-end/weir.ts";
import { Random } from "../../kill/random.ts";
import { readOf, start, termsOf } from "../histories/audit.ts";
import { Collector } from "../histories/collector.ts";
import { groupsOf } from "../histories/groups.ts";
import { until } from "../histories/until.ts";
import { Broker, hasKafka } from "./broker.ts";
import { rounds, Scenario, type Size } from "./scenario.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** One run in ten is large. */
const runs = isLong ? 100 : 10;
/** How many runs there are at the same time, so that one works while another waits. They share a broker, and its restart. */
const together = 4;
const large: Size = { events: 50_000, combinations: 5_000, detectors: 4, partitions: 12 };
const sizeOf = (run: number, random: Random): Size => {
  if (run % 10 === 0) return large;
  const detectors = random.between(2, 4);
  const events = random.between(2_000, 6_000);
  return { events, combinations: Math.floor(events / 10), detectors, partitions: random.between(detectors, 12) };
};

describe.skipIf(!hasKafka)("detectors with one history in Kafka", () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await Broker.start({ more: ["group.min.session.timeout.ms=1000"] });
  }, 180_000);

  it.each(groupsOf(runs, together))(
    `raise the alerts of one that gets everything, whoever is killed or stands still, seed ${seed}, runs $first to $last`,
    async ({ first, last }) => {
      const scenarios = Array.from({ length: last - first + 1 }, (_, index) => {
        const random = new Random(seed, first + index);
        return new Scenario(broker, random, `run-${first + index}`, sizeOf(first + index, random));
      });
      await Promise.all(scenarios.map((scenario) => scenario.begin()));
      const random = new Random(seed, -first);
      const restart = random.between(0, rounds - 1);
      for (let round = 0; round < rounds; round++) {
        await Promise.all(scenarios.map((scenario) => scenario.round(round)));
        if (round === restart) await broker.restart(random.between(0, 500));
      }
      for (const line of await Promise.all(scenarios.map((scenario) => scenario.finish()))) console.log(line);
    },
    600_000,
  );

  it("go on with what is known while Kafka is away, wait with the rest, say so, and lose nothing", async () => {
    const folder = temporaryFolder();
    const state = { type: "kafka", brokers: [broker.address], topic: "away" };
    const node = new Collector(folder, "node", state);
    const port = await freePort();
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, await response.text()] as const;
    };
    const write = (combination: number, id: string) => node.write(readOf(id, combination, start));
    broker.kill();
    write(1, "a");
    const weir = node.run(["--listen", `127.0.0.1:${port}`]);
    expect(
      await weir.said("nothing is listening there (ECONNREFUSED); weir retries, and reads no events until it succeeds"),
    ).toBe(true);
    expect((await get("/ready"))[0]).toBe(503);
    await broker.run();
    await until(() => node.alerts.length === 1);
    broker.kill();
    write(1, "b");
    const known = /consumed_events_total\{[^}]*"detect"[^}]*"known"[^}]*\} 1/;
    await until(async () => known.test((await get("/metrics"))[1]));
    write(2, "c");
    await weir.said("events wait, and it is tried again until there is an answer");
    await until(async () => (await get("/ready"))[1].includes("Kafka at 127.0.0.1"));
    // A stop does not wait for it, and what has no answer is read again.
    await node.end("SIGTERM");
    expect(node.alerts).toHaveLength(1);
    node.run();
    await broker.run();
    await until(() => node.alerts.length === 2);
    await node.end("SIGTERM");
    expect(node.alerts.map(({ terms }) => terms)).toEqual([termsOf(1), termsOf(2)]);
  });
});
